// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/options.h"

#include <charconv>
#include <string_view>

#include "platform/affinity.h"
#include "platform/file_system.h"

namespace tenbin::bench {
namespace {

Result<int> integer_in(std::string_view text, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= low && value <= high) {
    return value;
  }
  return Error(ErrorCode::kBadValue, "'" + std::string(text) + "', expected " +
                                         std::to_string(low) + " to " + std::to_string(high));
}

Result<std::vector<int>> integers_in(std::string_view text, int low, int high) {
  std::vector<int> out;
  while (true) {
    const std::size_t comma = text.find(',');
    TENBIN_TRY(const int value, integer_in(text.substr(0, comma), low, high));
    out.push_back(value);
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

constexpr const char* kFlags = "--case --peers --pairs --threads --cpus --block --json --check";

Status take(Options& out, std::string_view name, std::string_view value) {
  if (name == "--case") {
    out.only_case = value;
  } else if (name == "--peers") {
    out.peers = value;
  } else if (name == "--pairs") {
    TENBIN_TRY(out.pairs, integer_in(value, 1, 1000));
  } else if (name == "--threads") {
    TENBIN_TRY(out.threads, integer_in(value, 1, 1024));
  } else if (name == "--cpus") {
    TENBIN_TRY(out.cpus, integers_in(value, 0, 1023));
  } else {
    TENBIN_TRY(out.block, parse_duration(value));
  }
  return {};
}

}  // namespace

Result<Options> parse_options(int argc, const char* const* argv) {
  Options out;
  out.folder = folder_of(argv[0]);
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--json") {
      out.json = true;
    } else if (name == "--check") {
      out.check = true;
    } else if (std::string_view(kFlags).find(std::string(name) + " ") == std::string_view::npos) {
      return Error(ErrorCode::kUnknownOption, "unknown option '" + std::string(name) + "'", {},
                   std::string("one of ") + kFlags);
    } else if (i + 1 == argc) {
      return Error(ErrorCode::kMissingArgument, std::string(name) + " without a value");
    } else if (auto status = take(out, name, argv[++i]); !status.ok()) {
      return Error(status.error()).at(std::string(name));
    }
  }
  const std::vector<int> usable = thread_cpus();
  const auto wanted = static_cast<std::size_t>(out.threads);
  if (out.cpus.empty() && usable.size() >= wanted) {
    out.cpus.assign(usable.begin(), usable.begin() + out.threads);
  }
  if (out.cpus.size() == wanted) return out;
  return Error(ErrorCode::kBadValue,
               std::to_string(out.threads) + " threads on " + std::to_string(out.cpus.size()) +
                   " CPUs of " + std::to_string(usable.size()) + " usable ones",
               "--threads", "give each thread a CPU");
}

}  // namespace tenbin::bench
