// SPDX-License-Identifier: Apache-2.0
// The built program, run as its user runs it, and small data for it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/process.h"
#include "record/ledger.h"

namespace tenbin {

inline std::unique_ptr<Process> start_program(std::vector<std::string> words,
                                              std::vector<std::string> before = {}) {
  ProcessOptions options;
  options.capture_output = true;
  before.push_back(TENBIN_PROGRAM);
  before.insert(before.end(), words.begin(), words.end());
  auto process = real_processes().start(before, options);
  EXPECT_TRUE(process.ok()) << process.error().to_string();
  return process.ok() ? std::move(*process) : nullptr;
}

struct ProgramRun {
  int code = -1;  // 128 + signal if one ended it
  std::string out, err;
};

inline ProgramRun finish_program(Process& process, Duration most = 120s) {
  ProgramRun run;
  const auto end = process.wait(most);
  EXPECT_TRUE(end.ok() && end->has_value()) << "still running after " << to_text(most);
  if (end.ok() && *end) run.code = (*end)->exit_code;
  run.out = process.output();
  run.err = process.errors();
  return run;
}

// `before`: a command that runs the program, like prlimit.
inline ProgramRun run_program(std::vector<std::string> words,
                              std::vector<std::string> before = {}) {
  const auto process = start_program(std::move(words), std::move(before));
  return process ? finish_program(*process) : ProgramRun{};
}

// Two classes that a line separates up to noise, four columns; the same rows from the same seed.
inline void write_table(const std::string& path, int rows, std::uint32_t seed = 7) {
  std::uint32_t state = seed;
  const auto next = [&state] {
    state = state * 1664525u + 1013904223u;
    return static_cast<int>(state >> 16) % 2001 - 1000;
  };
  std::string text = "a,b,c,d,answer\n";
  for (int row = 0; row < rows; ++row) {
    const int a = next(), b = next(), c = next(), d = next();
    for (const int value : {a, b, c, d}) text += std::to_string(value) + ",";
    text += a + b / 2 + next() / 3 > 0 ? "yes\n" : "no\n";
  }
  const Status written = real_file_system().write_durable(path, text);
  EXPECT_TRUE(written.ok());
}

// `count` pictures of 16 x 16 in two classes, as IDX files of a folder.
inline void write_pictures(const std::string& folder, int count) {
  std::uint32_t state = 3;
  const auto header = [](std::string& out, std::initializer_list<int> numbers) {
    for (const int n : numbers) {
      for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(n >> shift & 255);
    }
  };
  std::string pictures, labels;
  header(pictures, {0x803, count, 16, 16});
  header(labels, {0x801, count});
  for (int i = 0; i < count; ++i) {
    const int label = i % 2;
    for (int pixel = 0; pixel < 256; ++pixel) {
      state = state * 1664525u + 1013904223u;
      const bool bright = label == 1 ? pixel % 16 < 8 : pixel / 16 < 8;
      pictures += static_cast<char>((state >> 26) + (bright ? 128 : 0));
    }
    labels += static_cast<char>(label);
  }
  FileSystem& files = real_file_system();
  ASSERT_TRUE(files.make_folders(folder).ok());
  ASSERT_TRUE(files.write_durable(folder + "/train-images-idx3-ubyte", pictures).ok());
  ASSERT_TRUE(files.write_durable(folder + "/train-labels-idx1-ubyte", labels).ok());
}

// Names in a folder; none if it is not there.
inline std::vector<std::string> names_in(const std::string& folder) {
  auto names = real_file_system().list(folder);
  return names.ok() ? std::move(*names) : std::vector<std::string>();
}

inline std::string digest_of_file(const std::string& path) {
  const auto text = real_file_system().read_text(path, 1 << 30);
  EXPECT_TRUE(text.ok()) << path;
  return text.ok() ? sha256_hex(*text) : std::string();
}

// All runs of a ledger, oldest first.
inline std::vector<RunRecord> runs_of(const std::string& path) {
  std::vector<RunRecord> out;
  auto ledger = Ledger::open(path, LedgerMode::kReadOnly);
  EXPECT_TRUE(ledger.ok()) << ledger.error().to_string();
  if (!ledger.ok()) return out;
  const auto ids = (*ledger)->runs();
  EXPECT_TRUE(ids.ok()) << path;
  if (!ids.ok()) return out;
  for (const std::string& id : *ids) {
    auto record = (*ledger)->read(id);
    EXPECT_TRUE(record.ok()) << record.error().to_string();
    if (record.ok()) out.push_back(std::move(*record));
  }
  return out;
}

// The last run of a ledger, which must have an end: if not, the test fails with a word of why, and
// the answer is empty.
inline RunRecord ended_run_of(const std::string& path) {
  std::vector<RunRecord> runs = runs_of(path);
  RunRecord out = runs.empty() ? RunRecord{} : std::move(runs.back());
  if (runs.empty()) {
    ADD_FAILURE() << path << " holds no run";
  } else if (!out.end) {
    ADD_FAILURE() << "run " << out.run.id << " of " << path << " has no end";
  }
  if (!out.end) out.end.emplace();
  return out;
}

}  // namespace tenbin
