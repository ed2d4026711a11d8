// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "platform/net/socket.h"

namespace tenbin {

class FileSystem;

// "http://localhost:8080" and nothing behind the port but '/'. Errors kBadValue;
// kMissingCapability: https.
Result<NetAddress> parse_url(const std::string& url);

// Where the server of a name answers, in numbers: connections need not look the name up, each of
// them, during the measurement. Error kNetwork.
Result<NetAddress> answering_address(const NetAddress& address);

// The answer to a request (all its bytes) as JSON. Errors kNetwork: none, or its status with the
// reason that the server gives.
Result<Json> ask_json(const NetAddress& address, const std::string& request);

// The header "Authorization: ...\r\n" of the token in a file; empty path: empty. Error kBadValue.
Result<std::string> token_header(FileSystem& files, const std::string& path);

// A name as a part of a path: what is no letter, digit or one of -._~ is escaped (RFC 3986, 2.1).
std::string path_segment(std::string_view name);

}  // namespace tenbin
