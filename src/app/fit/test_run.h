// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "app/fit/learn.h"
#include "app/measure.h"
#include "platform/clock.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"
#include "platform/machine.h"

namespace tenbin {

// What a part of a fit needs around it, for tests: a clock that stands until it is moved, a meter
// of an idle machine, an observer that keeps what it is told, no ledger.
struct RunForTests {
  struct Idle : ActivityProbe {
    Activity read() override { return {}; }
  };
  struct Listener : FitObserver {
    void stage(const std::string&) override {}
    void tell(const std::string& line) override { told += line + "\n"; }
    void progress(const FitProgress&) override {}
    std::string told;
  };
  RunForTests() {
    MeterOptions options;
    options.sysfs = "/nowhere";
    options.source = "cpu_model";
    meter = Meter::open(options, files, clock, MachineFacts{}, std::make_unique<Idle>()).value();
    recorder = RunRecorder::begin(nullptr, *meter, clock, Prices{}, {"fit", "", {}, {}, {}, 1, ""})
                   .value();
  }
  TestFolder folder;
  FileSystem& files = real_file_system();
  ManualClock clock;
  std::unique_ptr<Meter> meter;
  std::unique_ptr<RunRecorder> recorder;
  Listener observer;
};

}  // namespace tenbin
