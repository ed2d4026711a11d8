// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fit/fit.h"

namespace tenbin {

// Watches a fit or a shrink and says nothing; tests override what they look at.
struct QuietObserver : FitObserver {
  void stage(const std::string&) override {}
  void tell(const std::string&) override {}
  void progress(const FitProgress&) override {}
};

}  // namespace tenbin
