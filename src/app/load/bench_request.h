// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/load/bench.h"
#include "platform/net/http_client.h"

namespace tenbin {

struct BenchSubject {
  std::string server, version;  // as the server calls itself; may be empty
  std::string model;
  std::vector<std::string> requests;  // whole, with different inputs
  std::size_t body_bytes = 0;         // of the largest
};

// Asks the server for its models and inputs, and makes requests for them. Errors kNetwork,
// kUnknownModel with what there is.
Result<BenchSubject> find_subject(const BenchOptions& options, const ServerAddress& address,
                                  FileSystem& files);

}  // namespace tenbin
