// SPDX-License-Identifier: Apache-2.0
#include "http/metrics_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace tenbin {
namespace {

constexpr std::string_view kTotal = "_total";

void append_escaped(std::string_view text, bool quote, std::string& out) {
  for (const char c : text) {
    if (c == '\\' || (quote && c == '"')) {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

// Bounds as both formats want them: the shortest text, with a fraction (OpenMetrics, "le").
std::string bound_text(double bound) {
  std::string text = number_text(bound);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::string_view MetricsText::content_type(Format format) {
  return format == Format::kPrometheus
             ? "text/plain; version=0.0.4; charset=utf-8"
             : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

void MetricsText::family(std::string_view name, std::string_view type, std::string_view unit,
                         std::string_view help) {
  name_ = name;
  std::string shown(name);
  const bool open = format_ == Format::kOpenMetrics;
  const bool total = shown.size() > kTotal.size() && shown.ends_with(kTotal);
  if (open && total) shown.resize(shown.size() - kTotal.size());
  const auto head = [&](std::string_view word, std::string_view text) {
    out_ += "# ";
    out_ += word;
    out_ += ' ';
    out_ += shown;
    out_ += ' ';
    append_escaped(text, false, out_);
    out_ += '\n';
  };
  if (open) {
    // A counter whose name has no _total is of other people's rules: its type is not known here.
    head("TYPE", type == "counter" && !total ? "unknown" : type);
    if (!unit.empty()) head("UNIT", unit);
    head("HELP", help);
  } else {
    head("HELP", help);
    head("TYPE", type);
  }
}

void MetricsText::line(std::string_view suffix, const Labels& labels, std::string_view value) {
  out_ += name_;
  out_ += suffix;
  if (!labels.empty()) {
    out_ += '{';
    for (const auto& [name, text] : labels) {
      if (out_.back() != '{') out_ += ',';
      out_ += name;
      out_ += "=\"";
      append_escaped(text, true, out_);
      out_ += '"';
    }
    out_ += '}';
  }
  out_ += ' ';
  out_ += value;
  out_ += '\n';
}

void MetricsText::sample(const Labels& labels, double value) {
  line("", labels, number_text(value));
}
void MetricsText::sample(const Labels& labels, std::int64_t value) {
  line("", labels, std::to_string(value));
}

void MetricsText::histogram(const Labels& labels, const ServeHistogram& histogram) {
  std::int64_t sum = 0;
  Labels with = labels;
  with.emplace_back("le", "");
  for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
    sum += histogram.count(i);
    const bool last = i == histogram.bounds().size();
    with.back().second = last ? "+Inf" : bound_text(histogram.bounds()[i]);
    line("_bucket", with, std::to_string(sum));
  }
  line("_count", labels, std::to_string(sum));
  line("_sum", labels, number_text(histogram.sum()));
}

std::string MetricsText::finish() {
  if (format_ == Format::kOpenMetrics) out_ += "# EOF\n";
  return std::move(out_);
}

}  // namespace tenbin
