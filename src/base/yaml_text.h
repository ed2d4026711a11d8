// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"

namespace tenbin {

// A value as a YAML document in block style (YAML 1.2; numbers and words that a reader of 1.1 would
// take for something else stand in quotes). Texts are quoted where plain ones would be read as
// something else.
std::string yaml_text(const Json& value);

}  // namespace tenbin
