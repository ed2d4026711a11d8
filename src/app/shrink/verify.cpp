// SPDX-License-Identifier: Apache-2.0
#include "app/engine_choice.h"
#include "app/predict.h"
#include "app/shrink/beside.h"
#include "app/shrink/document.h"
#include "base/limits.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/process.h"

namespace tenbin {
namespace {

constexpr int kLonger = 2;

Result<Json> read_result(const std::string& path, FileSystem& files) {
  TENBIN_TRY(const std::string text, files.read_text(path, std::int64_t{64} << 20));
  TENBIN_TRY(Json document, Json::parse(text));
  if (document["schema"].as_string() != "tenbin.shrink/1") {
    return Error(ErrorCode::kMalformedData,
                 "schema '" + document["schema"].as_string() + "', expected tenbin.shrink/1", path);
  }
  if (document["outcome"].as_string() != "shipped") {
    return Error(ErrorCode::kBadValue, "nothing was shipped there, so nothing is promised", path,
                 "run tenbin shrink again");
  }
  return document;
}

// What was promised then, of the model that was shipped.
Result<Promise> promise_in(const Json& document) {
  const Json& p = document["promise"];
  Promise out;
  TENBIN_TRY(out.goal, OptionText<ShrinkGoal>::parse(p["goal"].as_string()));
  out.max_drop = p["max_drop"].as_number();
  out.confidence = p["confidence"].as_number(0.95);
  std::vector<std::string> limits;
  for (const Json& limit : p["limits"].items()) limits.push_back(limit.as_string());
  TENBIN_TRY(out.limits, parse_limits(limits));
  out.plan.batch = p["batch"].as_integer(1);
  out.plan.threads = static_cast<int>(p["threads"].as_integer(1));
  return out;
}

}  // namespace

Result<ShrinkOutcome> verify_shrunk(const ShrinkOptions& options, FileSystem& files, Clock& clock,
                                    FitObserver& observer) {
  const auto path = [&](const char* name) { return join_path(options.verify, name); };
  TENBIN_TRY(const Json then, read_result(path("result.json"), files));
  TENBIN_TRY(Promise promise, promise_in(then));
  const MachineFacts machine = read_machine_facts(files);
  if (promise.plan.threads <= 0) promise.plan.threads = machine.threads;
  const std::string data = options.data.empty() ? then["data"]["path"].as_string() : options.data;
  TENBIN_TRY(const Model original, read_named_model(path("original.onnx"), files));
  TENBIN_TRY(const Model shrunk, read_named_model(path("model.onnx"), files));
  TENBIN_TRY(const ShrinkRows rows,
             read_shrink_rows(original, data, then["data"]["target"].as_string(), promise.max_drop,
                              then["promise"]["seed"].as_integer(1), options.read, files));
  observer.tell(data + ": " + rows.why);
  TENBIN_TRY(const auto meter, Meter::open(options.meter, files, clock, machine));
  TENBIN_CHECK(meter->start());
  const auto sample = [&](const Session& session) {
    return rows.rows.at(session.inputs(), std::span(rows.prove).first(1));
  };
  const EngineRequest request{"auto", path("original.onnx"), promise.plan.threads,
                              Precision::kFloat32};
  TENBIN_TRY(const ChosenEngine was, open_engine(request, original, sample, files, clock));
  TENBIN_TRY(const auto is, Session::create(shrunk, {promise.plan.threads}));
  const auto may_go_on = []() -> Status {
    if (interrupted()) return Error(ErrorCode::kInterrupted, "stopped on request");
    return {};
  };
  TENBIN_TRY(const RowAnswers answers,
             answer_rows(rows, rows.prove, *was.session, StopQuestion(may_go_on)));
  TENBIN_TRY(const FileInfo large, files.info(path("original.onnx")));
  TENBIN_TRY(const FileInfo small, files.info(path("model.onnx")));
  const ProofPair pair{*was.session, *is, Bytes{large.size}, Bytes{small.size}, answers};
  promise.again = true;
  TENBIN_TRY(ShrinkProof proof, prove(pair, rows, promise, *meter, clock, may_go_on));
  // A gain that is lost in the noise of a busy machine is looked at longer before it is denied.
  const auto is_unsure = [&] {
    return !proof.holds() && proof.answers.drop.high <= promise.max_drop;
  };
  for (int longer = 0; longer < kLonger && is_unsure(); ++longer) {
    promise.plan.pairs *= 2;
    TENBIN_TRY(proof, prove(pair, rows, promise, *meter, clock, may_go_on));
  }
  meter->stop();
  ShrinkOutcome out;
  for (const std::string& failure : proof.failures) {
    out.reason += (out.reason.empty() ? "" : "; ") + failure;
  }
  out.exit_code = proof.holds() ? 0 : 6;
  out.document = Json::object({{"schema", "tenbin.shrink-verify/1"},
                               {"verdict", proof.holds() ? "the promise holds" : out.reason},
                               {"folder", options.verify},
                               {"promised", then["verdict"]},
                               {"measured", utc_text(clock.wall_now_ns())},
                               {"proof", to_json(proof)}});
  return out;
}

}  // namespace tenbin
