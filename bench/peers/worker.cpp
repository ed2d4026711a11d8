// SPDX-License-Identifier: Apache-2.0
#include "bench/peers/worker.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "base/units.h"
#include "platform/clock.h"
#include "platform/file_system.h"

namespace tenbin::bench {
namespace {

constexpr std::int64_t kLargestFile = std::int64_t{4} << 30;

Json failure(const Error& error) {
  return Json::object(
      {{"error", error.message() + (error.hint().empty() ? "" : ": ") + error.hint()}});
}

double sorted_at(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

Result<Json> run(Worker& worker, std::int64_t count, std::vector<double>& times) {
  times.clear();
  times.reserve(static_cast<std::size_t>(count));
  const Duration cpu_begin = real_clock().process_cpu(), begin = real_clock().steady_now();
  Duration last = begin;
  for (std::int64_t i = 0; i < count; ++i) {
    TENBIN_CHECK(worker.iterate());
    const Duration now = real_clock().steady_now();
    times.push_back(in_seconds(now - last));
    last = now;
  }
  const Duration cpu = real_clock().process_cpu() - cpu_begin;
  std::ranges::sort(times);
  return Json::object({{"iterations", count},
                       {"wall_s", in_seconds(last - begin)},
                       {"cpu_s", in_seconds(cpu)},
                       {"min_s", times.front()},
                       {"p50_s", sorted_at(times, 0.5)},
                       {"p99_s", sorted_at(times, 0.99)}});
}

Result<Json> prepare(Worker& worker, const Json& question) {
  const Duration begin = real_clock().steady_now();
  TENBIN_CHECK(worker.prepare(question));
  const Duration ready = real_clock().steady_now();
  Json out = Json::object(
      {{"prepare_s", in_seconds(ready - begin)}, {"kernels", Json::array_of(worker.kernels())}});
  if (!question["cold"].as_bool()) return out;
  TENBIN_CHECK(worker.iterate());
  out.set("first_s", in_seconds(real_clock().steady_now() - ready));
  TENBIN_CHECK(worker.prepare(question));  // the first iteration may have changed the weights
  return out;
}

Result<Json> answer(Worker& worker, std::int64_t count) {
  TENBIN_TRY(const auto values, worker.answer(count));
  return Json::object({{"values", Json::array_of(values)}});
}

Result<Json> reply(Worker& worker, const Json& question, std::vector<double>& times) {
  const std::string& what = question["do"].as_string();
  const std::int64_t count = std::max<std::int64_t>(question["n"].as_integer(1), 1);
  if (what == "hello") {
    return worker.hello(question["kind"].as_string(),
                        static_cast<int>(question["threads"].as_integer(1)),
                        question["precision"].as_string());
  }
  if (what == "prepare") return prepare(worker, question);
  if (what == "run") return run(worker, count, times);
  if (what == "answer") return answer(worker, count);
  if (what == "quit") return Json::object();
  return Error(ErrorCode::kBadValue, "asked to '" + what + "'", {},
               "expected one of hello, prepare, run, answer, quit");
}

template <class T> Result<std::vector<T>> read_numbers(const std::string& path) {
  TENBIN_TRY(const auto file, real_file_system().open(path));
  TENBIN_TRY(const std::int64_t size, file->size());
  if (size > kLargestFile || size % static_cast<std::int64_t>(sizeof(T)) != 0) {
    return Error(ErrorCode::kUnreadableData, "numbers in " + std::to_string(size) + " bytes", path);
  }
  std::vector<T> out(static_cast<std::size_t>(size) / sizeof(T));
  TENBIN_TRY(const std::size_t got, file->read_at(0, std::as_writable_bytes(std::span<T>(out))));
  if (got != out.size() * sizeof(T)) {
    return Error(ErrorCode::kUnreadableData, "the file ended early", path);
  }
  return out;
}

}  // namespace

int serve(Worker& worker) {
  std::string line;
  std::vector<double> times;
  while (std::getline(std::cin, line)) {
    const auto question = Json::parse(line);
    if (!question.ok()) return 2;
    auto answered = reply(worker, *question, times);
    const Json out = answered.ok() ? std::move(*answered) : failure(answered.error());
    std::puts(out.dump().c_str());
    std::fflush(stdout);
    if ((*question)["do"].as_string() == "quit") break;
  }
  return 0;
}

std::vector<double> samples_of(const float* values, std::int64_t count) {
  constexpr std::int64_t kMost = 64;
  std::vector<double> out;
  const std::int64_t step = std::max<std::int64_t>(1, count / kMost);
  for (std::int64_t i = 0; i < count && i / step < kMost; i += step) {
    out.push_back(static_cast<double>(values[i]));
  }
  return out;
}

Result<std::vector<float>> read_floats(const std::string& path) {
  return read_numbers<float>(path);
}

Result<std::vector<std::int64_t>> read_integers(const std::string& path) {
  return read_numbers<std::int64_t>(path);
}

std::vector<std::int64_t> integers_of(const Json& array) {
  std::vector<std::int64_t> out;
  for (const Json& item : array.items()) out.push_back(item.as_integer());
  return out;
}

}  // namespace tenbin::bench
