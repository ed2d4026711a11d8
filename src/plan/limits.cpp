// SPDX-License-Identifier: Apache-2.0
#include "plan/limits.h"

#include <array>
#include <functional>

#include "base/nearest_name.h"
#include "base/options.h"

namespace tenbin {
namespace {

const std::array kNames = {
    LimitName{"time", "time=5min", "wall time of the run (budget, hard)"},
    LimitName{"energy", "energy=60kJ", "energy of the run (budget, hard)"},
    LimitName{"money", "money=2usd", "cost of the run (budget, hard)"},
    LimitName{"co2e", "co2e=5g", "emissions of the run (budget, hard)"},
    LimitName{"memory", "memory=512MB",
              "resident memory of the run (training computes twice rather than keep)"},
    LimitName{"p50", "p50=200us", "median latency of one prediction (goal, proven)"},
    LimitName{"p99", "p99=1ms", "99th percentile of that latency (goal, proven)"},
    LimitName{"size", "size=300KB", "bytes of model.onnx (goal, proven)"},
    LimitName{"score", "score=0.9", "least score on the test split (goal, proven)"},
    LimitName{"energy-per-1000", "energy-per-1000=1J",
              "energy of 1,000 predictions (goal, proven)"},
};

std::vector<std::string> names() {
  std::vector<std::string> out;
  out.reserve(std::size(kNames));
  for (const LimitName& name : kNames) out.push_back(name.name);
  return out;
}

template <class T> Status put(std::optional<T>& target, Result<T> value, std::string_view text) {
  const std::string where = "limit '" + std::string(text) + "'";
  if (!value.ok()) return Error(value.error()).at(where);
  if (target) {
    return Error(ErrorCode::kImpossibleLimit,
                 std::string(text.substr(0, text.find('='))) + " is limited twice", where,
                 "give each limit once");
  }
  target = std::move(value).value();
  return {};
}

Result<double> parse_score(std::string_view text) {
  TENBIN_TRY(const Ratio ratio, parse_ratio(text));
  return ratio.value;
}

Status set_limit(Limits& limits, std::string_view name, std::string_view value,
                 std::string_view text) {
  if (name == "time") return put(limits.time, parse_duration(value), text);
  if (name == "energy") return put(limits.energy, parse_energy(value), text);
  if (name == "money") return put(limits.money, parse_money(value), text);
  if (name == "co2e") return put(limits.carbon, parse_carbon(value), text);
  if (name == "memory") return put(limits.memory, parse_bytes(value), text);
  if (name == "p50") return put(limits.p50, parse_duration(value), text);
  if (name == "p99") return put(limits.p99, parse_duration(value), text);
  if (name == "size") return put(limits.size, parse_bytes(value), text);
  if (name == "score") return put(limits.score, parse_score(value), text);
  if (name == "energy-per-1000") return put(limits.energy_per_1000, parse_energy(value), text);
  const std::vector<std::string> valid = names();
  const auto near = nearest_names(name, valid);
  return Error(ErrorCode::kUnknownOption,
               "unknown limit '" + std::string(name) + "': " + one_of(near.empty() ? valid : near),
               "limit '" + std::string(text) + "'", "for example --limit time=5min");
}

Status check_possible(const Limits& limits) {
  const auto zero = [](std::string_view name) {
    return Error(ErrorCode::kImpossibleLimit,
                 "limit " + std::string(name) + " is zero, so nothing could meet it", {},
                 "give the smallest amount that you would accept");
  };
  if (limits.time && limits.time->count() == 0) return zero("time");
  if (limits.energy && limits.energy->nanojoules == 0) return zero("energy");
  if (limits.money && limits.money->billionths == 0) return zero("money");
  if (limits.carbon && limits.carbon->micrograms == 0) return zero("co2e");
  if (limits.memory && limits.memory->count == 0) return zero("memory");
  if (limits.p50 && limits.p50->count() == 0) return zero("p50");
  if (limits.p99 && limits.p99->count() == 0) return zero("p99");
  if (limits.size && limits.size->count == 0) return zero("size");
  if (limits.energy_per_1000 && limits.energy_per_1000->nanojoules == 0) {
    return zero("energy-per-1000");
  }
  if (limits.score && *limits.score > 1) {
    return Error(ErrorCode::kImpossibleLimit,
                 "score " + to_text(*limits.score) + " is above 1, the best there is");
  }
  return {};
}

// One row of the check for quantities where less is better.
template <class T>
void at_most(std::vector<LimitCheck>& out, std::string_view name, const std::optional<T>& limit,
             const std::optional<T>& reached) {
  if (!limit) return;
  LimitCheck check;
  check.name = name;
  check.limit = to_text(*limit);
  check.known = reached.has_value();
  check.reached = reached ? to_text(*reached) : "unknown";
  check.holds = reached && *reached <= *limit;
  if (!check.known) {
    check.reason = std::string(name) + " could not be determined";
  } else if (!check.holds) {
    check.reason = check.name + " is " + check.reached + ", allowed are " + check.limit;
  }
  out.push_back(std::move(check));
}

void money_at_most(std::vector<LimitCheck>& out, const Limits& limits, const Reached& reached) {
  if (!limits.money) return;
  LimitCheck check{"money", to_text(*limits.money), "unknown", false, false, {}};
  if (reached.money && reached.money->currency == limits.money->currency) {
    check.known = true;
    check.reached = to_text(*reached.money);
    check.holds = reached.money->billionths <= limits.money->billionths;
    if (!check.holds) check.reason = "cost is " + check.reached + ", allowed are " + check.limit;
  } else {
    check.reason = reached.money ? "the cost is known in " +
                                       std::string(reached.money->currency.text()) + " only"
                                 : "no price is set";
  }
  out.push_back(std::move(check));
}

}  // namespace

std::span<const LimitName> limit_names() { return kNames; }

Result<Limits> parse_limits(std::span<const std::string> texts) {
  Limits limits;
  std::vector<Error> errors;
  for (const std::string& whole : texts) {
    TENBIN_TRY(const auto parts, OptionText<std::vector<std::string>>::parse(whole));
    for (const std::string& text : parts) {
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos) {
        errors.emplace_back(ErrorCode::kBadValue,
                            "found limit '" + text + "', expected name=amount", std::string(),
                            "for example --limit time=5min");
        continue;
      }
      const std::string_view view = text;
      const auto status = set_limit(limits, view.substr(0, equals), view.substr(equals + 1), text);
      if (!status.ok()) errors.push_back(status.error());
    }
  }
  if (errors.empty()) {
    TENBIN_CHECK(check_possible(limits));
    return limits;
  }
  if (errors.size() == 1) return errors.front();
  std::string all;
  for (const Error& error : errors) all += (all.empty() ? "" : "; ") + error.message();
  return Error(errors.front().code(), all, {}, errors.front().hint());
}

std::vector<LimitCheck> check_limits(const Limits& limits, const Reached& reached) {
  std::vector<LimitCheck> out;
  at_most(out, "time", limits.time, reached.time);
  at_most(out, "energy", limits.energy, reached.energy);
  money_at_most(out, limits, reached);
  at_most(out, "co2e", limits.carbon, reached.carbon);
  at_most(out, "memory", limits.memory, reached.memory);
  at_most(out, "p50", limits.p50, reached.p50);
  at_most(out, "p99", limits.p99, reached.p99);
  at_most(out, "size", limits.size, reached.size);
  if (limits.score) {
    LimitCheck check{"score", to_text(*limits.score, 4), "unknown", false, false, {}};
    if (reached.score) {
      check.known = true;
      check.reached = to_text(*reached.score, 4);
      check.holds = *reached.score >= *limits.score;
      if (!check.holds) {
        check.reason = "score is " + check.reached + ", asked are at least " + check.limit;
      }
    }
    out.push_back(std::move(check));
  }
  at_most(out, "energy-per-1000", limits.energy_per_1000, reached.energy_per_1000);
  return out;
}

Json to_json(const LimitCheck& check) {
  Json out = Json::object({{"name", check.name},
                           {"limit", check.limit},
                           {"reached", check.reached},
                           {"known", check.known},
                           {"holds", check.holds}});
  if (!check.reason.empty()) out.set("reason", check.reason);
  return out;
}

}  // namespace tenbin
