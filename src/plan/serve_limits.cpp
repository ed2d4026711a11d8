// SPDX-License-Identifier: Apache-2.0
#include "plan/serve_limits.h"

#include <algorithm>
#include <vector>

#include "base/nearest_name.h"
#include "base/options.h"

namespace tenbin {
namespace {

struct NamedText {
  std::string name, value;
};

// "a=1,b=2" of all texts, in order.
Result<std::vector<NamedText>> pairs_of(std::span<const std::string> texts, const char* flag) {
  std::vector<NamedText> out;
  for (const std::string& text : texts) {
    std::size_t from = 0;
    while (from <= text.size()) {
      const std::size_t comma = std::min(text.find(',', from), text.size());
      const std::string part = text.substr(from, comma - from);
      const std::size_t equals = part.find('=');
      if (equals == std::string::npos || equals == 0) {
        return Error(ErrorCode::kBadValue, "found '" + part + "', expected NAME=VALUE", flag,
                     "like p99=20ms or power=15W");
      }
      out.push_back({part.substr(0, equals), part.substr(equals + 1)});
      from = comma + 1;
    }
  }
  return out;
}

Error unknown(const std::string& name, const std::vector<std::string>& names, const char* flag) {
  return Error(ErrorCode::kUnknownOption, "unknown limit '" + name + "': " + one_of(names), flag);
}

Status read_slo(const NamedText& text, ServeLimits& out) {
  static const std::vector<std::string> kNames = {"p50", "p90", "p95", "p99", "p99.9"};
  if (std::find(kNames.begin(), kNames.end(), text.name) == kNames.end()) {
    return unknown(text.name, kNames, "--slo");
  }
  auto value = parse_duration(text.value);
  if (!value.ok()) return Error(value.error()).at("--slo");
  if (*value <= Duration::zero()) {
    return Error(ErrorCode::kImpossibleLimit, "no request is answered in no time", "--slo");
  }
  if (out.slo) {
    return Error(ErrorCode::kBadValue, "two objectives, expected one", "--slo");
  }
  out.slo = *value;
  out.slo_quantile = text.name;
  return {};
}

Status read_limit(const NamedText& text, ServeLimits& out) {
  static const std::vector<std::string> kNames = {"power", "money"};
  if (text.name == "power") {
    auto value = parse_power(text.value);
    if (!value.ok()) return Error(value.error()).at("--limit");
    if (value->w <= 0) {
      return Error(ErrorCode::kImpossibleLimit, "nothing runs without power", "--limit");
    }
    out.power = *value;
  } else if (text.name == "money") {
    auto value = parse_money(text.value);
    if (!value.ok()) return Error(value.error()).at("--limit");
    out.money = *value;
  } else {
    return unknown(text.name, kNames, "--limit");
  }
  return {};
}

Error bad_throttle(const std::string& text) {
  return Error(ErrorCode::kBadValue, "found '" + text + "', expected a rate a client", "--throttle",
               "like 100/s/client, 6000/min/client or 100/s/client,burst=200");
}

Status read_throttle(const std::string& text, ServeLimits& out) {
  if (text.empty()) return {};
  const std::size_t comma = text.find(',');
  const std::string rate = text.substr(0, comma);
  const std::size_t slash = rate.find('/');
  if (slash == std::string::npos) return bad_throttle(text);
  const auto number = parse_number(rate.substr(0, slash));
  const std::string unit = rate.substr(slash);
  const double per = unit == "/s/client" ? 1 : unit == "/min/client" ? 60 : 0;
  if (!number.ok() || *number <= 0 || per == 0) return bad_throttle(text);
  out.throttle_per_second = *number / per;
  out.throttle_burst = std::max(1.0, out.throttle_per_second);
  if (comma == std::string::npos) return {};
  const std::string burst = text.substr(comma + 1);
  const auto most = burst.rfind("burst=", 0) == 0 ? parse_number(burst.substr(6))
                                                  : Result<double>(bad_throttle(text));
  if (!most.ok() || *most < 1) return bad_throttle(text);
  out.throttle_burst = *most;
  return {};
}

}  // namespace

Result<ServeLimits> parse_serve_limits(std::span<const std::string> slo,
                                       std::span<const std::string> limits,
                                       const std::string& throttle) {
  ServeLimits out;
  TENBIN_TRY(const auto objectives, pairs_of(slo, "--slo"));
  for (const NamedText& text : objectives) TENBIN_CHECK(read_slo(text, out));
  TENBIN_TRY(const auto bounds, pairs_of(limits, "--limit"));
  for (const NamedText& text : bounds) TENBIN_CHECK(read_limit(text, out));
  TENBIN_CHECK(read_throttle(throttle, out));
  return out;
}

}  // namespace tenbin
