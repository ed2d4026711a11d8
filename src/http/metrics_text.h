// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serve/serve_stats.h"

namespace tenbin {

// Metrics as text: Prometheus 0.0.4, or OpenMetrics 1.0. All samples of a family come together,
// behind family(). (prometheus.io "Exposition formats"; OpenMetrics 1.0)
class MetricsText {
 public:
  enum class Format { kPrometheus, kOpenMetrics };
  using Labels = std::vector<std::pair<std::string_view, std::string>>;

  explicit MetricsText(Format format) : format_(format) {}
  static std::string_view content_type(Format format);

  // `type`: counter, gauge or histogram. The name of a counter ends in _total; `unit` is the suffix
  // of the name before that, empty if it has none.
  void family(std::string_view name, std::string_view type, std::string_view unit,
              std::string_view help);
  void sample(const Labels& labels, double value);
  void sample(const Labels& labels, std::int64_t value);
  void histogram(const Labels& labels, const ServeHistogram& histogram);
  std::string finish();

 private:
  void line(std::string_view suffix, const Labels& labels, std::string_view value);

  Format format_;
  std::string name_;  // of the family, with _total
  std::string out_;
};

}  // namespace tenbin
