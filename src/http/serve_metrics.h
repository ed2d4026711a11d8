// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "http/metrics_text.h"

namespace tenbin {

class Serving;

// All metrics of a server. docs/formats/metrics.md lists them.
std::string serve_metrics(Serving& serving, MetricsText::Format format);

}  // namespace tenbin
