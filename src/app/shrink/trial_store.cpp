// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/trial_store.h"

#include <span>

#include "app/fit/keyed_file.h"
#include "graph/onnx.h"
#include "platform/digest.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::string_view kTrial = "TNBTRIA1", kNetwork = "TNBNETW1";

Proven proven_in(const Json& json) {
  return {json["value"].as_number(), json["low"].as_number(), json["high"].as_number()};
}

Json json_of(const Attempt& a) {
  const PairedAnswers& p = a.choose.answers;
  return Json::object({{"ran", a.trial.ran},
                       {"drop", to_json(a.trial.drop)},
                       {"times_faster", a.trial.times_faster},
                       {"times_smaller", a.trial.times_smaller},
                       {"times_fewer_joules", a.trial.times_fewer_joules},
                       {"failed", a.failed},
                       {"why_not", a.why_not},
                       {"notes", Json::array_of(a.notes)},
                       {"size", a.model.size.count},
                       {"macs", a.model.macs},
                       {"parameters", a.model.parameters},
                       {"original_seconds", a.original_seconds},
                       {"seconds", a.seconds},
                       {"classes", a.choose.classes},
                       {"original_score", a.choose.original_score},
                       {"candidate_score", a.choose.candidate_score},
                       {"equal_labels", a.choose.equal_labels},
                       {"rows", p.rows},
                       {"original_right", p.original_right},
                       {"only_original_right", p.only_original_right},
                       {"only_candidate_right", p.only_candidate_right}});
}

Attempt attempt_in(const Json& json, const ShrinkRecipe& recipe) {
  Attempt a;
  a.trial = {recipe,
             json["ran"].as_bool(),
             proven_in(json["drop"]),
             json["times_faster"].as_number(1),
             json["times_smaller"].as_number(1),
             json["times_fewer_joules"].as_number(1)};
  a.failed = json["failed"].as_string();
  a.why_not = json["why_not"].as_string();
  for (const Json& note : json["notes"].items()) a.notes.push_back(note.as_string());
  a.notes.push_back("kept from the run that was stopped");
  a.model.size = Bytes{json["size"].as_integer()};
  a.model.macs = json["macs"].as_integer();
  a.model.parameters = json["parameters"].as_integer();
  a.original_seconds = json["original_seconds"].as_number();
  a.seconds = json["seconds"].as_number();
  a.choose.classes = json["classes"].as_bool();
  a.choose.original_score = json["original_score"].as_number();
  a.choose.candidate_score = json["candidate_score"].as_number();
  a.choose.equal_labels = json["equal_labels"].as_number();
  a.choose.drop = a.trial.drop;
  a.choose.answers = {json["rows"].as_integer(), json["original_right"].as_integer(),
                      json["only_original_right"].as_integer(),
                      json["only_candidate_right"].as_integer()};
  return a;
}

}  // namespace

TrialStore::TrialStore(FileSystem& files, std::string folder, std::string key, bool resume)
    : files_(files), folder_(std::move(folder)), key_(std::move(key)), resume_(resume) {}

std::string TrialStore::path(const char* kind, const std::string& name) {
  paths_.push_back(
      join_path(folder_, std::string(kind) + "-" + sha256_hex(name).substr(0, 16) + ".bin"));
  return paths_.back();
}

std::optional<Attempt> TrialStore::find(const ShrinkRecipe& recipe) {
  if (!resume_) return std::nullopt;
  const auto stored = read_keyed(files_, path("trial", recipe.name()), kTrial, key_);
  if (!stored) return std::nullopt;
  const std::size_t line = stored->find('\n');
  const auto json = Json::parse(stored->substr(0, line));
  if (line == std::string::npos || !json.ok()) return std::nullopt;
  Attempt a = attempt_in(*json, recipe);
  a.bytes = stored->substr(line + 1);
  a.model.sha256 = sha256_hex(a.bytes);
  ++found_;
  return a;
}

Status TrialStore::keep(const Attempt& a) {
  return write_keyed(files_, path("trial", a.trial.recipe.name()), kTrial, key_,
                     json_of(a).dump() + "\n" + a.bytes);
}

std::optional<Graph> TrialStore::find_network(const std::string& name) {
  if (!resume_) return std::nullopt;
  const auto stored = read_keyed(files_, path("network", name), kNetwork, key_);
  if (!stored) return std::nullopt;
  auto model = parse_onnx(std::as_bytes(std::span(stored->data(), stored->size())));
  if (!model.ok()) return std::nullopt;
  return std::move(model->graph);
}

Status TrialStore::keep_network(const std::string& name, const Graph& network) {
  Model model;
  model.graph = network;
  TENBIN_TRY(const std::string body, write_onnx(model));
  return write_keyed(files_, path("network", name), kNetwork, key_, body);
}

void TrialStore::clear() {
  for (const std::string& path : paths_) {
    if (files_.exists(path)) (void)files_.remove(path).ok();
  }
  paths_.clear();
}

}  // namespace tenbin
