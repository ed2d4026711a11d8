// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.h"
#include "serve/request.h"
#include "serve/served_version.h"

namespace tenbin {

// What an inference request of the Open Inference Protocol wishes beside answers.
struct OipWishes {
  std::string id;  // echoed
  bool has_id = false;
  bool report = false;  // tenbin_report: cost and variant in the response's parameters
  bool binary = false;  // outputs that say nothing themselves
  std::map<std::string, bool> binary_of;  // by output
};

struct OipRequest {
  InferRequest request;  // inputs, wanted, priority; a timeout as `timeout`
  Duration timeout = Duration::max();
  OipWishes wishes;
};

// A JSON request, with the tensors behind it if `json_length` says where it ends; 0: the body is
// the bytes of the one input of `version`. Error kBadRequest: what was found, what is valid, and
// where.
Result<OipRequest> read_oip(std::string_view body, std::optional<std::size_t> json_length,
                            const ServedVersion& version);

// The response as it was wished for. Error kBadRequest: an output has no JSON form.
Result<HttpResponse> write_oip(const InferAnswer& answer, const OipWishes& wishes);

}  // namespace tenbin
