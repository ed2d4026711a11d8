// SPDX-License-Identifier: Apache-2.0
#include "serve/model_table.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/nearest_name.h"

namespace tenbin {
namespace {

// "10" is newer than "9", and both than "" or "beta".
bool newer(const std::string& a, const std::string& b) {
  std::int64_t x = -1, y = -1;
  std::from_chars(a.data(), a.data() + a.size(), x);
  std::from_chars(b.data(), b.data() + b.size(), y);
  return x != y ? x > y : a > b;
}

// Versions that are loaded, the newest first.
std::vector<std::string> loaded_versions(const ModelSlot& model) {
  std::vector<std::string> out;
  for (const auto& [name, slot] : model.versions) {
    if (slot.served != nullptr) out.push_back(name);
  }
  std::sort(out.begin(), out.end(), newer);
  return out;
}

const VersionSlot* loaded(const ModelSlot& model, const std::optional<std::string>& version) {
  if (!version) return nullptr;
  const auto at = model.versions.find(*version);
  return at == model.versions.end() || at->second.served == nullptr ? nullptr : &at->second;
}

// A canary answers whoever asked for the model: it must take and give the same.
Status check_alike(const ModelSlot& model, const std::string& version) {
  const VersionSlot* stable = loaded(model, model.rollout.stable);
  const VersionSlot* other = loaded(model, version);
  if (stable == nullptr || other == nullptr) return {};
  if (same_values(stable->served->inputs, other->served->inputs) &&
      same_values(stable->served->outputs, other->served->outputs)) {
    return {};
  }
  return Error(ErrorCode::kInputMismatch,
               "version '" + version + "' takes or gives other tensors than version '" +
                   model.rollout.stable + "'",
               "version", "clients that need them ask for the version by its name");
}

RolloutPart part_of(const ModelSlot& model, const std::string& version, double share) {
  RolloutPart part;
  part.version = version;
  part.share = share;
  part.loaded = loaded(model, version) != nullptr;
  return part;
}

}  // namespace

VersionRecord record_of(const ServeStats& stats, double slo) {
  VersionRecord out;
  out.failed = stats.run_failed.load();
  out.answered = stats.success.count.load() + out.failed;
  out.not_finite = stats.not_finite.load();
  if (slo > 0) out.late = stats.request_time.above(slo);
  return out;
}

VersionRecord since(const VersionRecord& now, const VersionRecord& base) {
  return {now.answered - base.answered, now.failed - base.failed, now.not_finite - base.not_finite,
          now.late - base.late};
}

void ModelTable::offer(ModelSource source) {
  const std::unique_lock lock(mutex_);
  VersionSlot& slot = models_[source.model].versions[source.version];
  slot.source = std::move(source);
}

bool ModelTable::keep_only(const std::string& model, const std::vector<ModelSource>& sources) {
  const std::unique_lock lock(mutex_);
  const auto found = models_.find(model);
  if (found == models_.end()) return false;
  const auto gone = std::erase_if(found->second.versions, [&](const auto& entry) {
    return std::none_of(sources.begin(), sources.end(),
                        [&](const ModelSource& source) { return source.version == entry.first; });
  });
  refollow(found->second);
  return gone > 0;
}

std::vector<ServedEntry> ModelTable::index() const {
  const std::shared_lock lock(mutex_);
  std::vector<ServedEntry> out;
  for (const auto& [name, model] : models_) {
    for (const auto& [version, slot] : model.versions) {
      out.push_back({name, version, slot.state, slot.reason});
    }
  }
  return out;
}

bool ModelTable::all_ready() const {
  const std::shared_lock lock(mutex_);
  for (const auto& [name, model] : models_) {
    for (const auto& [version, slot] : model.versions) {
      if (slot.served == nullptr) return false;
    }
  }
  return !models_.empty();
}

Error ModelTable::unknown_model(const std::string& model) const {
  std::vector<std::string> names;
  for (const auto& [name, slot] : models_) names.push_back(name);
  const auto near = nearest_names(model, names);
  return Error(ErrorCode::kUnknownModel,
               "no model '" + model + "' here: " + one_of(near.empty() ? names : near));
}

Result<const VersionSlot*> ModelTable::slot_of(const std::string& name,
                                               const std::string& version) const {
  const auto found = models_.find(name);
  if (found == models_.end()) return unknown_model(name);
  const ModelSlot& model = found->second;
  if (version.empty()) {
    if (const VersionSlot* stable = loaded(model, model.rollout.stable)) return stable;
    // The one that was chosen is gone, or could not be loaded: better another than none.
    const std::vector<std::string> others = loaded_versions(model);
    return &model.versions.find(others.empty() ? model.versions.begin()->first : others.front())
                ->second;
  }
  const auto at = model.versions.find(version);
  if (at != model.versions.end()) return &at->second;
  std::vector<std::string> names;
  for (const auto& [other, slot] : model.versions) names.push_back(other);
  return Error(ErrorCode::kUnknownModel,
               "model '" + name + "' has no version '" + version + "': " + one_of(names));
}

Result<std::shared_ptr<ServedVersion>> ModelTable::find(const std::string& model,
                                                        const std::string& version) const {
  const std::shared_lock lock(mutex_);
  TENBIN_TRY(const VersionSlot* slot, slot_of(model, version));
  if (slot->served != nullptr) return slot->served;
  return Error(ErrorCode::kNotReady, "model '" + model + "' is not ready: " + slot->reason);
}

Result<PickedVersion> ModelTable::pick(const std::string& name, const std::string& version) const {
  const std::shared_lock lock(mutex_);
  TENBIN_TRY(const VersionSlot* slot, slot_of(name, version));
  if (slot->served == nullptr) {
    return Error(ErrorCode::kNotReady, "model '" + name + "' is not ready: " + slot->reason);
  }
  PickedVersion out{slot->served, nullptr, nullptr};
  if (!version.empty()) return out;
  const ModelSlot& model = models_.find(name)->second;
  const Rollout& rollout = model.rollout;
  if (const VersionSlot* canary = loaded(model, rollout.canary)) {
    // One that sleeps would keep its share waiting: the stable one has it until it is awake.
    const bool its_turn = falls_to(model.turns.fetch_add(1), rollout.canary_share);
    if (its_turn && !canary->served->asleep()) {
      out.version = canary->served;
      return out;
    }
  }
  if (const VersionSlot* shadow = loaded(model, rollout.shadow)) {
    if (!shadow->served->asleep() &&
        falls_to(model.shadow_turns.fetch_add(1), rollout.shadow_share)) {
      out.shadow = shadow->served;
      out.shadow_stats = model.shadow_stats;
    }
  }
  return out;
}

std::vector<std::shared_ptr<ServedVersion>> ModelTable::versions() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<ServedVersion>> out;
  for (const auto& [name, model] : models_) {
    for (const auto& [version, slot] : model.versions) {
      if (slot.served != nullptr) out.push_back(slot.served);
    }
  }
  return out;
}

ModelState ModelTable::state(const std::string& name, const std::string& version) const {
  const std::shared_lock lock(mutex_);
  const auto found = models_.find(name);
  if (found == models_.end()) return ModelState::kUnavailable;
  if (version.empty()) {
    if (const VersionSlot* stable = loaded(found->second, found->second.rollout.stable)) {
      return stable->state;
    }
  }
  ModelState best = ModelState::kUnavailable;
  for (const auto& [other, slot] : found->second.versions) {
    if (version.empty() ? slot.state != ModelState::kUnavailable : other == version) {
      best = slot.state;
    }
  }
  return best;
}

Result<std::vector<ModelSource>> ModelTable::begin_load(const std::string& model) {
  const std::unique_lock lock(mutex_);
  const auto found = models_.find(model);
  if (found == models_.end()) return unknown_model(model);
  std::vector<ModelSource> sources;
  for (auto& [version, slot] : found->second.versions) {
    sources.push_back(slot.source);
    if (slot.served == nullptr) slot.state = ModelState::kLoading;
  }
  return sources;
}

VersionSlot* ModelTable::slot_of(const ModelSource& source) {
  const auto found = models_.find(source.model);
  if (found == models_.end()) return nullptr;
  const auto at = found->second.versions.find(source.version);
  return at == found->second.versions.end() ? nullptr : &at->second;
}

std::shared_ptr<ServedVersion> ModelTable::served(const ModelSource& source) const {
  const std::shared_lock lock(mutex_);
  const auto slot = slot_of(source.model, source.version);
  return slot.ok() && (*slot)->source.version == source.version ? (*slot)->served : nullptr;
}

Status ModelTable::end_load(const ModelSource& source,
                            Result<std::shared_ptr<ServedVersion>> loaded, Duration now) {
  const std::unique_lock lock(mutex_);
  VersionSlot* slot = slot_of(source);
  if (slot == nullptr) return {};  // withdrawn meanwhile
  if (!loaded.ok()) {
    slot->reason = loaded.error().to_string();
    if (slot->served != nullptr && slot->served->asleep()) slot->served.reset();
    if (slot->served == nullptr) slot->state = ModelState::kUnavailable;
  } else {
    if (slot->served != nullptr) (*loaded)->counts = slot->served->counts;
    slot->served = std::move(*loaded);
    slot->state = ModelState::kReady;
    slot->reason.clear();
    slot->used = now;
  }
  refollow(models_.find(source.model)->second);
  return loaded.ok() ? Status() : Status(loaded.error());
}

Status ModelTable::unload(const std::string& model) {
  const std::unique_lock lock(mutex_);
  const auto found = models_.find(model);
  if (found == models_.end()) return unknown_model(model);
  for (auto& [version, slot] : found->second.versions) {
    slot.served.reset();
    slot.state = ModelState::kUnavailable;
    slot.reason = "unloaded";
  }
  return {};
}

// The newest that is loaded is the stable one, unless somebody chose; a canary must stay alike.
void ModelTable::refollow(ModelSlot& model) {
  const std::vector<std::string> versions = loaded_versions(model);
  Rollout& rollout = model.rollout;
  if (rollout.follows && !versions.empty()) rollout.stable = versions.front();
  if (rollout.canary && !check_alike(model, *rollout.canary).ok()) rollout.canary.reset();
}

Result<RolloutView> ModelTable::rollout(const std::string& name, double slo) const {
  const std::shared_lock lock(mutex_);
  const auto found = models_.find(name);
  if (found == models_.end()) return unknown_model(name);
  const ModelSlot& model = found->second;
  RolloutView view;
  view.model = name;
  view.stable = model.rollout.stable;
  view.follows = model.rollout.follows;
  view.before = model.rollout.before;
  view.versions = loaded_versions(model);
  if (model.rollout.canary) {
    view.canary = part_of(model, *model.rollout.canary, model.rollout.canary_share);
    if (const VersionSlot* slot = loaded(model, model.rollout.canary)) {
      view.canary->record = since(record_of(slot->served->stats(), slo), model.canary_base);
    }
    if (const VersionSlot* slot = loaded(model, model.rollout.stable)) {
      view.stable_record = since(record_of(slot->served->stats(), slo), model.stable_base);
    }
  }
  if (model.rollout.shadow) {
    view.shadow = part_of(model, *model.rollout.shadow, model.rollout.shadow_share);
    view.shadow_stats = model.shadow_stats;
  }
  return view;
}

void ModelTable::set_rollout(const std::string& model, Rollout rollout) {
  const std::unique_lock lock(mutex_);
  ModelSlot& slot = models_[model];
  slot.rollout = std::move(rollout);
  slot.shadow_stats = std::make_shared<ShadowStats>();
}

Result<bool> ModelTable::set_follows(const std::string& model, bool follows) {
  const std::unique_lock lock(mutex_);
  const auto found = models_.find(model);
  if (found == models_.end()) return unknown_model(model);
  return std::exchange(found->second.rollout.follows, follows);
}

Result<Rollout> ModelTable::change(const std::string& name, const RolloutChange& change,
                                   double slo) {
  const std::unique_lock lock(mutex_);
  const auto found = models_.find(name);
  if (found == models_.end()) return unknown_model(name);
  ModelSlot& model = found->second;
  TENBIN_TRY(Rollout next, next_rollout(model.rollout, change, loaded_versions(model)));
  if (change.kind == RolloutChange::Kind::kCanary || change.kind == RolloutChange::Kind::kShadow) {
    TENBIN_CHECK(check_alike(model, change.version));
  }
  if (next.canary && next.canary != model.rollout.canary) {
    model.canary_base = record_of(loaded(model, next.canary)->served->stats(), slo);
    const VersionSlot* stable = loaded(model, next.stable);
    model.stable_base =
        stable == nullptr ? VersionRecord{} : record_of(stable->served->stats(), slo);
  }
  if (next.shadow && next.shadow != model.rollout.shadow) {
    model.shadow_stats = std::make_shared<ShadowStats>();
  }
  model.rollout = std::move(next);
  return model.rollout;
}

}  // namespace tenbin
