// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "platform/net/http_client.h"

namespace tenbin {

class FileSystem;

// "http://localhost:8080" or "https://..." and nothing behind the port but '/'. `certificates`: PEM
// file of those to trust over https; empty: the system's. Errors kBadValue, kBadConfig.
Result<ServerAddress> parse_url(const std::string& url, const std::string& certificates);

// Where the server of a name answers, in numbers: connections need not look the name up, each of
// them, during the measurement. Error kNetwork.
Result<ServerAddress> answering_address(const ServerAddress& address);

// The answer to a request (all its bytes) as JSON. Errors kNetwork: none, or its status with the
// reason that the server gives.
Result<Json> ask_json(const ServerAddress& address, const std::string& request);

// The header "Authorization: ...\r\n" of the token in a file; empty path: empty. Error kBadValue.
Result<std::string> token_header(FileSystem& files, const std::string& path);

// A name as a part of a path: what is no letter, digit or one of -._~ is escaped (RFC 3986, 2.1).
std::string path_segment(std::string_view name);

}  // namespace tenbin
