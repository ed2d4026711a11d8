// SPDX-License-Identifier: Apache-2.0
// What was learned from: data, candidates, training, and the model that came out.
#include "app/fit/document_parts.h"

namespace tenbin {
namespace {

const char* stop_name(StopReason reason) {
  switch (reason) {
    case StopReason::kDone: return "done";
    case StopReason::kEarlyStop: return "early_stop";
    case StopReason::kBudget: return "budget";
    case StopReason::kInterrupted: return "interrupted";
    case StopReason::kNonFinite: return "non_finite";
  }
  return "done";
}

std::int64_t size_of(const std::vector<std::int64_t>& rows) {
  return static_cast<std::int64_t>(rows.size());
}

Json values_part(const std::vector<ValueInfo>& values) {
  Json out = Json::array();
  for (const ValueInfo& value : values) {
    out.push(Json::object({{"name", value.name},
                           {"type", element_name(value.type)},
                           {"shape", Json::array_of(value.shape)}}));
  }
  return out;
}

// Nodes of all trees of an ensemble; 0: there are none.
std::int64_t tree_nodes(const Graph& graph) {
  std::size_t nodes = 0;
  for (const OpCall& call : graph.nodes) {
    if (call.op.starts_with("TreeEnsemble")) nodes += call.integers("nodes_nodeids").size();
  }
  return static_cast<std::int64_t>(nodes);
}

}  // namespace

Json data_part(const FitFacts& f) {
  const Prepared& p = *f.prepared;
  Json out = Json::object({{"path", f.options->shown_data()},
                           {"format", p.data.format},
                           {"rows", p.data.table.rows},
                           {"columns", static_cast<std::int64_t>(p.data.table.columns.size())},
                           {"bytes", p.bytes},
                           {"digest", p.data.digest},
                           {"task", task_name(p.target.task)},
                           {"target", p.target.name},
                           {"classes", Json::array_of(p.target.class_names)},
                           {"class_counts", Json::array_of(p.target.class_counts)},
                           {"rows_train", size_of(p.cleaning.train)},
                           {"rows_valid", size_of(p.split.valid)},
                           {"rows_test", size_of(p.split.test)},
                           {"split", split_method_name(p.split.method)},
                           {"notes", Json::array_of(p.data.notes)}});
  Json profile = p.profile.to_json();
  out.set("profile", std::move(profile));
  Json cleaning = Json::array();
  for (const CleaningStep& step : p.cleaning.steps) {
    cleaning.push(Json::object(
        {{"step", step.action}, {"what", step.column}, {"why", step.why}, {"rows", step.rows}}));
  }
  out.set("cleaning", std::move(cleaning));
  Json features = Json::array();
  for (const FeatureStep& step : p.features.steps) {
    features.push(Json::object({{"columns", Json::array_of(step.columns)},
                                {"transform", step.transform},
                                {"what", step.what},
                                {"why", step.why},
                                {"width", step.width}}));
  }
  out.set("features", std::move(features));
  out.set("feature_count", p.features.width());
  return out;
}

Json candidates_part(const FitFacts& f) {
  Json out = Json::array();
  for (const Tried& tried : f.learned->tried) {
    out.push(Json::object({{"name", tried.name},
                           {"learner", tried.learner},
                           {"why", tried.why},
                           {"valid_score", tried.valid_score ? Json(*tried.valid_score) : Json()},
                           {"score_name", f.learned->score_name},
                           {"chosen", tried.chosen},
                           {"epochs", tried.epochs},
                           {"seconds", in_seconds(tried.time)},
                           {"joules", in_joules(tried.energy.at_most())}}));
  }
  return out;
}

Json networks_part(const FitFacts& f) {
  Json out = Json::array();
  for (const NetworkFacts& network : f.learned->networks) {
    Json one = to_json(network);
    bool trained = false, chosen = false;
    for (const Tried& tried : f.learned->tried) {
      if (tried.name != network.profile.name) continue;
      trained = true;
      chosen = tried.chosen;
      if (tried.valid_score) one.set("valid_score", *tried.valid_score);
    }
    one.set("trained", trained);
    one.set("chosen", chosen);
    out.push(std::move(one));
  }
  return out;
}

Json training_part(const FitFacts& f) {
  const Learned& l = *f.learned;
  Json curve = Json::array();
  for (std::size_t i = 0; i < l.result.curve.size(); ++i) {
    const EpochReport& r = l.result.curve[i];
    Json point = Json::object({{"epoch", r.epoch}, {"step", r.step}, {"train_loss", r.train_loss}});
    if (r.valid_loss) point.set("valid_loss", *r.valid_loss);
    if (r.valid_score) point.set("valid_score", *r.valid_score);
    point.set("rows_per_second", r.rows_per_second);
    if (i < l.curve_joules.size()) point.set("joules", l.curve_joules[i]);
    curve.push(std::move(point));
  }
  return Json::object(
      {{"learner", l.name},
       {"stop", stop_name(l.result.reason)},
       {"stop_detail", l.result.detail},
       {"steps", l.result.steps},
       {"epochs", static_cast<std::int64_t>(l.result.curve.size())},
       {"best_epoch", l.result.best_epoch},
       {"loss", f.prepared->target.classifies() ? "softmax_cross_entropy" : "mean_squared_error"},
       {"optimizer", l.trees ? "gradient_boosting" : "adamw"},
       {"schedule", l.trees ? "constant" : "cosine"},
       {"learning_rate", l.training.learning_rate},
       {"batch", l.batch},
       {"precision",
        OptionText<Precision>::print(l.trees ? Precision::kFloat32 : l.training.precision)},
       {"plan_bytes", l.result.plan_bytes.count},
       {"steps_run_again", l.result.steps_run_again},
       {"curve", std::move(curve)}});
}

Json model_part(const FitFacts& f) {
  Json out = Json::object(
      {{"name", f.learned->name}, {"size_bytes", f.model_bytes}, {"sha256", f.model_sha256}});
  if (f.counts) {
    out.set("parameters", f.counts->parameters);
    out.set("macs", f.counts->macs.count);
    if (f.counts->parameters > 0) {
      out.set("macs_per_parameter", f.counts->macs_per_parameter());
    }
    out.set("activation_bytes", f.counts->activations.count);
    out.set("peak_activation_bytes", f.counts->peak_activations.count);
  }
  if (const std::int64_t nodes = tree_nodes(f.model.graph); nodes > 0) {
    out.set("tree_nodes", nodes);
  }
  out.set("opset", f.model.opsets.at(""));
  out.set("ir_version", f.model.ir_version);
  out.set("inputs", values_part(f.model.graph.inputs));
  out.set("outputs", values_part(f.model.graph.outputs));
  out.set("kernels", Json::array_of(f.kernels));
  return out;
}

}  // namespace tenbin
