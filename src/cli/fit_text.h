// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>

#include "app/fit/fit.h"
#include "base/json.h"
#include "cli/style.h"

namespace tenbin {

// The verdict of a fit for people, from its document (tenbin.fit/1).
std::string verdict_text(const Json& fit, const Style& style);
// The same figures as lines `section<TAB>name<TAB>value<TAB>interval`, in SI units.
std::string verdict_plain(const Json& fit);
// One line of progress, cut to `width` columns (0: as long as it is).
std::string progress_text(const FitProgress& progress, std::size_t width);

// How progress is shown, of reading too: `live` redraws one line and keeps one of an epoch every
// few seconds; else lines are few: none in the first seconds, then one every ten seconds.
class FitLines : public FitObserver {
 public:
  struct How {
    bool quiet = false, live = false;
    std::size_t columns = 100;
    Style style = {};
    double (*seconds)() = nullptr;                 // a steady clock
    void (*detail)(const std::string&) = nullptr;  // for --verbose; may be null
  };
  // Borrows `out`, which must be open as long as this lives.
  FitLines(std::FILE* out, How how) : out_(out), how_(how), began_(how.seconds()) {}
  ~FitLines() override { close_line(); }
  void stage(const std::string& name) override;
  void tell(const std::string& text) override;
  void detail(const std::string& text) override;
  void progress(const FitProgress& progress) override;
  void reading(const ReadProgress& now) override;

 private:
  void close_line();
  void print(const std::string& text);
  std::FILE* out_;
  How how_;
  double began_, last_ = -1e9;
  std::string pass_;  // of reading
  double pass_began_ = 0, drawn_ = -1e9;
  bool open_ = false;
};

}  // namespace tenbin
