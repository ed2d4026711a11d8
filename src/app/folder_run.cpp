// SPDX-License-Identifier: Apache-2.0
#include "app/folder_run.h"

#include "app/fit/fit.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "record/ledger.h"

namespace tenbin {
namespace {

const char* status_of(int exit_code) {
  switch (exit_code) {
    case 0: return "done";
    case 5: return "budget";
    case 130: return "interrupted";
    default: return "failed";
  }
}

}  // namespace

FolderRun::FolderRun(const FolderRunRequest& request, FileSystem& files, Clock& clock,
                     FitObserver& observer)
    : request_(request),
      files_(files),
      clock_(clock),
      observer_(observer),
      machine_(read_machine_facts(files)),
      threads_(request.threads > 0 ? request.threads : machine_.threads) {}

FolderRun::~FolderRun() = default;

Result<std::unique_ptr<FolderRun>> FolderRun::begin(const FolderRunRequest& request,
                                                    FileSystem& files, Clock& clock,
                                                    FitObserver& observer) {
  std::unique_ptr<FolderRun> run(new FolderRun(request, files, clock, observer));
  TENBIN_CHECK(run->open());
  return run;
}

Status FolderRun::open() {
  TENBIN_CHECK(files_.make_folders(request_.folder));
  TENBIN_TRY(lock_, files_.lock(path(".lock")));
  TENBIN_TRY(meter_, Meter::open(request_.meter, files_, clock_, machine_));
  TENBIN_CHECK(meter_->start());
  TENBIN_TRY(ledger_, Ledger::open(path(kLedgerFileName)));
  RunInfo info;
  info.kind = request_.kind;
  info.name = request_.name;
  info.command = request_.command;
  info.machine =
      Json::object({{"cpu", machine_.cpu_model}, {"threads", threads_}, {"os", machine_.os}});
  info.options = request_.options;
  info.seed = request_.seed;
  info.version = TENBIN_VERSION;
  TENBIN_TRY(recorder_, RunRecorder::begin(ledger_.get(), *meter_, clock_, request_.prices, info));
  observer_.tell("energy is " + std::string(provenance_name(meter_->provenance())) + " here (" +
                 meter_->source() + "); `tenbin doctor` tells why, and how to measure it");
  observer_.detail("ledger: " + path(kLedgerFileName) + ", run " + recorder_->id());
  observer_.detail("meter: " + meter_->describe() + ", a sample every " +
                   to_text(meter_->interval()));
  observer_.detail("threads: " + std::to_string(threads_) +
                   (request_.threads > 0 ? ", by the option" : ", all that the process may use"));
  return {};
}

std::string FolderRun::path(const char* name) const { return join_path(request_.folder, name); }

void FolderRun::end_stage() {
  if (!stage_) return;
  stage_.reset();
  const StageTotals done = recorder_->stages().back();
  const std::string energy =
      done.energy.value ? to_text(*done.energy.value) : "at most " + to_text(done.energy.hi);
  observer_.detail("stage: " + done.name + " took " + to_text(done.end - done.begin) +
                   ", CPU time " + to_text(done.cpu) + ", " + energy + " " +
                   std::string(provenance_name(done.energy.provenance)));
}

void FolderRun::begin_stage(const char* name) {
  end_stage();
  stage_.emplace(recorder_->stage(name));
  observer_.stage(name);
}

Status FolderRun::finish(int exit_code, const std::string& reason) {
  end_stage();
  TENBIN_CHECK(recorder_->finish(status_of(exit_code), exit_code, reason));
  meter_->stop();
  return {};
}

void FolderRun::fail(const Error& error) {
  (void)finish(exit_code(error.cause()), error.message()).ok();
}

}  // namespace tenbin
