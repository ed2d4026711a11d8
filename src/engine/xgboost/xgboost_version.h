// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenbin {

// "1.7.4": the XGBoost in use.
std::string xgboost_version();

}  // namespace tenbin
