// SPDX-License-Identifier: Apache-2.0
#include "cli/fit_text.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>

namespace tenbin {
namespace {

double now = 0;
double fake_seconds() { return now; }

FitProgress at_epoch(std::int64_t epoch, bool finished) {
  FitProgress p;
  p.network = "mlp 64-32";
  p.epoch = epoch;
  p.epochs = 120;
  p.done = static_cast<double>(epoch) / 120;
  p.loss = 0.5;
  p.rows_per_second = 175'547;
  p.energy.value = joules(1.5);
  p.epoch_finished = finished;
  return p;
}

std::string shown(FitLines::How how, const std::function<void(FitLines&)>& use) {
  std::FILE* file = std::tmpfile();
  how.seconds = fake_seconds;
  now = 0;
  std::optional<FitLines> lines(std::in_place, file, how);
  use(*lines);
  const auto written = static_cast<std::size_t>(std::ftell(file));
  lines.reset();  // clears its line, which is not looked at here
  std::string out(written, ' ');
  std::rewind(file);
  out.resize(std::fread(out.data(), 1, out.size(), file));
  std::fclose(file);
  return out;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; ++at) ++n;
  return n;
}

TEST(FitLines, ProgressIsAsDenseAsItsReaderWants) {
  struct Row {
    const char* why;
    bool live, quiet, epochs;
    double step, total;
    std::size_t lines, redrawn;
  };
  const Row rows[] = {
      {"a short run in a pipe says nothing", false, false, true, 0.1, 1.9, 0, 0},
      {"a long epoch in a pipe: one line in ten seconds", false, false, false, 0.1, 60, 6, 0},
      {"epochs in a pipe: the same", false, false, true, 0.1, 12, 2, 0},
      {"slow epochs in a pipe: each", false, false, true, 11, 110, 10, 0},
      {"a terminal redraws one line", true, false, false, 0.1, 1.05, 0, 10},
      {"quiet is quiet", true, true, true, 0.1, 30, 0, 0},
  };
  for (const Row& row : rows) {
    const std::string out = shown({.quiet = row.quiet, .live = row.live}, [&](FitLines& lines) {
      for (int i = 1; i * row.step < row.total + 1e-9; ++i) {
        now = i * row.step;
        lines.progress(at_epoch(i, row.epochs));
      }
    });
    EXPECT_NEAR(static_cast<double>(count_of(out, "\n")), static_cast<double>(row.lines), 1)
        << row.why << "\n"
        << out;
    EXPECT_EQ(count_of(out, "\r\033[K"), row.redrawn) << row.why;
  }
}

TEST(FitLines, AMessageDoesNotMixWithTheRedrawnLine) {
  const std::string out = shown({.live = true}, [](FitLines& lines) {
    lines.progress(at_epoch(1, false));
    lines.tell("done");
  });
  EXPECT_NE(out.find("\r\033[K   done\n"), std::string::npos) << out;
}

TEST(FitLines, DataCannotDriveTheTerminal) {
  const std::string out = shown({}, [](FitLines& lines) { lines.tell("column '\033[2J'"); });
  EXPECT_EQ(out.find('\033'), std::string::npos);
  EXPECT_NE(out.find("\\x1b"), std::string::npos);
}

TEST(FitText, ProgressHasNoNoise) {
  FitProgress p = at_epoch(3, false);
  p.eta = Duration(1'200ms);
  EXPECT_EQ(progress_text(p, 0),
            "mlp 64-32  epoch   3/120    2%  loss 0.5000  176k rows/s  1.5 J  ETA 2 s");
  p.score = 0.93571;
  p.score_name = "auroc";
  p.rows_per_second = 0;
  p.loss = 0;
  p.eta.reset();
  EXPECT_EQ(progress_text(p, 0), "mlp 64-32  epoch   3/120    2%  auroc 0.9357  1.5 J")
      << "what is not known is not shown as 0";
  EXPECT_EQ(progress_text(p, 20).size(), 20u);
  p.energy.value.reset();
  p.energy.hi = joules(3);
  EXPECT_EQ(progress_text(p, 0), "mlp 64-32  epoch   3/120    2%  auroc 0.9357  at most 3 J");
}

TEST(FitText, VerdictTellsWhatIsUnknownAndWhatFails) {
  Json fit = Json::object({{"outcome", "limit_not_met"}, {"outcome_reason", "p99 is 2 ms"}});
  fit.set("energy", Json::object({{"training", Json::object({{"reason", "no sensor"}})}}));
  fit.set("latency", Json::object({{"batch_1", Json::object({{"reason", "too few samples"}})}}));
  fit.set("limits",
          Json(Json::Array{Json::object(
              {{"name", "p99"}, {"limit", "1 ms"}, {"reached", "2 ms"}, {"holds", false}})}));
  const std::string text = verdict_text(fit, {});
  for (const char* part : {"Verdict: limit not met: p99 is 2 ms", "unknown: no sensor",
                           "unknown: too few samples", "NOT MET"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_EQ(text.find("0 J ("), std::string::npos);
  EXPECT_NE(verdict_plain(fit).find("limit\tp99\tnot met\t2 ms of 1 ms\n"), std::string::npos);
}

}  // namespace
}  // namespace tenbin
