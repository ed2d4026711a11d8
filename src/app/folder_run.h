// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/measure.h"
#include "base/json.h"
#include "base/result.h"
#include "meter/meter.h"
#include "meter/prices.h"
#include "platform/machine.h"

namespace tenbin {

class Clock;
class FileLock;
class FileSystem;
class FitObserver;
class Ledger;

// What a run says of itself in the ledger, and where it writes.
struct FolderRunRequest {
  std::string kind;  // "fit", "shrink"
  std::string name;
  std::string folder;
  std::vector<std::string> command;  // argv
  Json options;                      // object
  std::uint64_t seed = 1;
  int threads = 0;  // 0: as many as the process may use
  Prices prices;
  MeterOptions meter;
};

// A run that has a folder to itself: locked, metered, every stage in the folder's ledger. Ends when
// destroyed; not finished, it stands in the ledger as such. One thread.
class FolderRun {
 public:
  // Makes the folder, and tells the observer whether energy is measured. Errors: those of the
  // folder, its lock (another run has it), the meter and the ledger. Borrowed: files, clock,
  // observer.
  static Result<std::unique_ptr<FolderRun>> begin(const FolderRunRequest& request,
                                                  FileSystem& files, Clock& clock,
                                                  FitObserver& observer);
  ~FolderRun();

  const MachineFacts& machine() const { return machine_; }
  int threads() const { return threads_; }
  Meter& meter() { return *meter_; }
  RunRecorder& recorder() { return *recorder_; }
  std::string path(const char* name) const;

  // A stage ends when the next one begins.
  void begin_stage(const char* name);
  void end_stage();
  RunRecorder::Stage& stage() { return *stage_; }

  // The run's last lines, by its exit code; stops the meter.
  Status finish(int exit_code, const std::string& reason);
  // The same for a run that ends in an error, which stays the one to tell.
  void fail(const Error& error);

 private:
  FolderRun(const FolderRunRequest& request, FileSystem& files, Clock& clock,
            FitObserver& observer);
  Status open();

  FolderRunRequest request_;
  FileSystem& files_;
  Clock& clock_;
  FitObserver& observer_;
  MachineFacts machine_;
  int threads_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Meter> meter_;
  std::unique_ptr<RunRecorder> recorder_;
  std::optional<RunRecorder::Stage> stage_;
};

}  // namespace tenbin
