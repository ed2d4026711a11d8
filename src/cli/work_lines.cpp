// SPDX-License-Identifier: Apache-2.0
#include "cli/work_lines.h"

#include <string_view>

#include "app/here.h"

namespace tenbin {
namespace {

constexpr double kRateAfter = 0.5;  // [s] before which a rate is a guess

std::string amount(double value, std::string_view unit) {
  if (unit == "bytes") return to_text(Bytes{static_cast<std::int64_t>(value)});
  return value < 10'000 ? full_count(static_cast<std::int64_t>(value)) : short_count(value);
}

}  // namespace

std::string reading_text(const ReadProgress& now, Duration spent, std::size_t width) {
  const std::string_view unit = now.unit;
  const std::string name = unit == "bytes" ? "" : " " + std::string(unit);
  const auto done = static_cast<double>(now.done), total = static_cast<double>(now.total);
  std::string text = std::string(now.pass) + "  " + amount(done, unit);
  if (total > 0) text += std::string(" of ") + (now.about ? "about " : "") + amount(total, unit);
  text += name;
  if (total > 0) text += "  " + full_count(static_cast<std::int64_t>(100 * done / total)) + "%";
  const double rate = done / std::max(in_seconds(spent), 1e-9);
  if (in_seconds(spent) >= kRateAfter && rate > 0) {
    text += "  " + amount(rate, unit) + name + "/s";
    if (total > 0) {
      const Duration left = std::chrono::ceil<std::chrono::seconds>(seconds((total - done) / rate));
      text += "  ETA " + to_text(left);
    }
  }
  if (width > 0 && text.size() > width) text.resize(width);
  return text;
}

FitLines::How progress_looks(const Arguments& arguments) {
  FitLines::How how;
  how.quiet = arguments.quiet;
  how.live = wants_live(looks_of(2, arguments)) && here::terminal_columns(2) > 40;
  if (how.live) how.columns = here::terminal_columns(2);
  how.style = style_of(2, arguments);
  how.seconds = here::steady_seconds;
  how.detail = here::detail;
  return how;
}

}  // namespace tenbin
