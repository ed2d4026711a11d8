// SPDX-License-Identifier: Apache-2.0
#include "app/fit/dry_run.h"

#include "app/fit/learn.h"
#include "base/shell_text.h"
#include "plan/limits.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/process.h"
#include "record/ledger.h"

namespace tenbin {
namespace {

Json data_of(const Prepared& p, const FitOptions& options) {
  const auto size_of = [](const auto& rows) { return static_cast<std::int64_t>(rows.size()); };
  return Json::object({{"path", options.shown_data()},
                       {"format", p.data.format},
                       {"rows", p.data.table.rows},
                       {"columns", size_of(p.data.table.columns)},
                       {"bytes", p.bytes},
                       {"task", task_name(p.target.task)},
                       {"target", p.target.name},
                       {"classes", Json::array_of(p.target.class_names)},
                       {"rows_train", size_of(p.cleaning.train)},
                       {"rows_valid", size_of(p.split.valid)},
                       {"rows_test", size_of(p.split.test)},
                       {"split", split_method_name(p.split.method)},
                       {"features", p.features.width()}});
}

Json limits_of(const Limits& limits) {
  Json out = Json::array();
  for (const LimitCheck& check : check_limits(limits, {})) {
    std::string doc;
    for (const LimitName& known : limit_names()) {
      if (known.name == check.name) doc = known.doc;
    }
    out.push(Json::object({{"name", check.name}, {"limit", check.limit}, {"doc", doc}}));
  }
  return out;
}

Json output_of(const FitOptions& options, FileSystem& files) {
  Json list = Json::array();
  for (const char* name : {"model.onnx", "report.html", "result.json", kLedgerFileName}) {
    const std::string path = join_path(options.output, name);
    list.push(Json::object({{"path", path}, {"exists", files.exists(path)}}));
  }
  return Json::object({{"folder", options.output}, {"files", std::move(list)}});
}

// The command that trains, as a shell takes it; what came over standard input must come again.
std::string command_of(const FitOptions& options) {
  std::vector<std::string> words = options.command;
  std::erase_if(words,
                [](const std::string& w) { return w == "-n" || w.starts_with("--dry-run"); });
  const std::string command = shell_command(words);
  if (options.data_name.empty()) return command;
  if (!options.data_file.empty()) return command + " < " + shell_word(options.data_file);
  return "cat DATA | " + command;
}

}  // namespace

Result<Json> plan_fit(const FitOptions& options, FileSystem& files, FitObserver& observer) {
  TENBIN_TRY(const Limits limits, fit_limits(options));
  TENBIN_CHECK(options.prices.check(limits.money));
  const StopQuestion may_go_on([]() -> Status {
    if (!interrupted()) return {};
    return Error(ErrorCode::kInterrupted, "stopped on request");
  });
  observer.stage("read");
  TENBIN_TRY(const Prepared prepared, prepare_data(options, files, observer, may_go_on));
  const int threads = options.threads > 0 ? options.threads : read_machine_facts(files).threads;
  TENBIN_TRY(const auto planned, planned_learners(prepared, options, threads));
  Json learners = Json::array();
  for (const PlannedLearner& one : planned) {
    learners.push(
        Json::object({{"name", one.name}, {"learner", one.learner}, {"most_epochs", one.epochs}}));
  }
  return Json::object(
      {{"schema", "tenbin.fit_plan/1"},
       {"data", data_of(prepared, options)},
       {"learners", std::move(learners)},
       {"choice", prepared.images ? "one is trained: the strongest that meets the limits, after a "
                                    "few measured steps of each"
                                  : "all are trained, the best on validation rows is kept"},
       {"seed", options.seed},
       {"threads", threads},
       {"resume", options.resume},
       {"limits", limits_of(limits)},
       {"output", output_of(options, files)},
       {"next", Json::array_of(std::vector<std::string>{command_of(options)})}});
}

}  // namespace tenbin
