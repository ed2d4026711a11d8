// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace tenbin {

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), of seconds since 1970, UTC.
std::string http_date(std::int64_t seconds);
// Of now; each thread writes it anew once a second.
const std::string& http_date();

}  // namespace tenbin
