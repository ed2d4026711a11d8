// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/elementwise.h"

namespace tenbin {

// Runs one call through its catalogue entry, prepared if the entry prepares: what tests use.
Result<std::vector<Tensor>> run_op(const OpCall& call, const std::vector<Tensor>& inputs);

// Runs a graph of these calls: inputs by name, results by name, in a session.
struct NamedInput {
  std::string name;
  Value value;
};
Result<std::vector<Value>> run_calls(const std::vector<OpCall>& calls,
                                     std::vector<NamedInput> inputs,
                                     const std::vector<std::string>& outputs);
// A call with named inputs and outputs.
OpCall named_call(const std::string& op, std::vector<std::string> inputs,
                  std::vector<std::string> outputs, Attributes attributes = {});
// A body of these calls as an attribute.
Attribute body_of(const std::vector<OpCall>& calls, const std::vector<std::string>& inputs,
                  const std::vector<std::string>& outputs);

}  // namespace tenbin
