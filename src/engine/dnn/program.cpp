// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/program.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

#include "engine/dnn/shared_floats.h"

namespace tenbin::dnn {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t rounded(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

void AlignedFree::operator()(float* p) const {
  ::operator delete[](p, std::align_val_t{kAlignment});
}

AlignedFloats aligned_floats(std::size_t bytes) {
  const std::size_t size = std::max(rounded(bytes), kAlignment);
  void* memory = ::operator new[](size, std::align_val_t{kAlignment});
  std::memset(memory, 0, size);
  return AlignedFloats(static_cast<float*>(memory));
}

Program::Program(const dnnl::engine& engine) : engine_(engine), stream_(engine) {}

int Program::arena_buffer(std::size_t bytes) {
  Buffer buffer;
  buffer.bytes = rounded(bytes);
  buffers_.push_back(buffer);
  return static_cast<int>(buffers_.size()) - 1;
}

int Program::fixed_buffer(float* memory) {
  Buffer buffer;
  buffer.memory = memory;
  buffer.fixed = true;
  buffers_.push_back(buffer);
  return static_cast<int>(buffers_.size()) - 1;
}

int Program::constant_buffer(std::span<const std::byte> bytes) {
  AlignedFloats copy = aligned_floats(bytes.size());
  std::memcpy(copy.get(), bytes.data(), bytes.size());
  constants_.push_back(share_floats(std::move(copy), bytes.size()));
  constant_bytes_ += rounded(bytes.size());
  return fixed_buffer(constants_.back().get());
}

void Program::keep_from_start(int buffer) {
  buffers_[static_cast<std::size_t>(buffer)].from_start = true;
}
void Program::keep_to_end(int buffer) { buffers_[static_cast<std::size_t>(buffer)].to_end = true; }

void Program::touch(int buffer, bool writes) {
  Buffer& b = buffers_[static_cast<std::size_t>(buffer)];
  if (writes && b.touched && !b.fixed) {
    rewrites_.emplace_back(static_cast<int>(steps_.size()), buffer);
  }
  b.touched = true;
}

void Program::add(const dnnl::primitive& primitive, const std::vector<Argument>& arguments,
                  const Desc& scratch, std::string name) {
  Step step;
  step.primitive = primitive.get();
  step.first_argument = static_cast<int>(arguments_.size());
  for (const Argument& argument : arguments) {
    if (!argument.ref) continue;
    // A destination that holds something is added to, or was the source too.
    const bool writes = argument.slot >= DNNL_ARG_DST_0 && argument.slot < DNNL_ARG_WEIGHTS_0;
    touch(argument.ref.buffer, writes);
    memories_.emplace_back(argument.ref.desc, engine_, static_cast<void*>(DNNL_MEMORY_NONE));
    memory_buffers_.push_back(argument.ref.buffer);
    arguments_.push_back({argument.slot, memories_.back().get()});
  }
  if (scratch.get_size() > 0) {
    scratch_bytes_ = std::max(scratch_bytes_, scratch.get_size());
    memories_.emplace_back(scratch, engine_, static_cast<void*>(DNNL_MEMORY_NONE));
    memory_buffers_.push_back(-1);
    arguments_.push_back({DNNL_ARG_SCRATCHPAD, memories_.back().get()});
  }
  step.arguments = static_cast<int>(arguments_.size()) - step.first_argument;
  primitives_.push_back(primitive);
  names_.push_back(name);
  note(step, std::move(name));
}

void Program::add(Kernel kernel, KernelArgs args, const std::vector<Ref>& pointers,
                  const std::string& name) {
  assert(pointers.size() <= KernelArgs::kMostPointers);
  Step step;
  std::ranges::fill(step.pointers, -1);
  step.kernel = kernel;
  step.args = args;
  for (std::size_t i = 0; i < pointers.size(); ++i) {
    if (!pointers[i]) continue;
    // In place, where it is named twice.
    const auto named = std::count_if(pointers.begin(), pointers.end(), [&](const Ref& other) {
      return other.buffer == pointers[i].buffer;
    });
    touch(pointers[i].buffer, named > 1);
    step.pointers[i] = pointers[i].buffer;
  }
  if (!name.empty()) names_.push_back(name);
  note(step, name.empty() ? "own" : name);
}

void Program::note(const Step& step, std::string kernel) {
  steps_.push_back(step);
  notes_.push_back({static_cast<int>(nodes_.size()) - 1, StepKind::kCompiled, std::move(kernel)});
}

Status Program::add_reorder(const Ref& from, const Ref& to) {
  try {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const dnnl::reorder::primitive_desc pd(engine_, from.desc, engine_, to.desc, attributes);
    add(dnnl::reorder(pd), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}, pd.scratchpad_desc(),
        std::string("reorder:") + pd.impl_info_str());
    notes_.back().kind = StepKind::kConversion;
    return {};
  } catch (const dnnl::error& failure) {
    return Error(ErrorCode::kBug, std::string("layout cannot be changed: ") + failure.what());
  }
}

StepTrace Program::trace() const {
  StepTrace out;
  for (const Buffer& b : buffers_) {
    out.buffers.push_back({b.fixed ? 0 : b.bytes, b.from_start, b.to_end});
  }
  for (const Step& step : steps_) {
    std::vector<int>& touched = out.touched.emplace_back();
    const auto take = [&](int buffer) {
      if (buffer < 0 || buffers_[static_cast<std::size_t>(buffer)].fixed) return;
      if (std::find(touched.begin(), touched.end(), buffer) == touched.end()) {
        touched.push_back(buffer);
      }
    };
    if (step.kernel != nullptr) std::ranges::for_each(step.pointers, take);
    for (int i = 0; i < step.arguments; ++i) {
      take(memory_buffers_[static_cast<std::size_t>(step.first_argument + i)]);
    }
  }
  out.rewrites = rewrites_;
  out.forward = may_run_again_;
  return out;
}

void Program::limit(std::size_t bytes) {
  limit_ = bytes;
  may_run_again_ = static_cast<int>(steps_.size());
}

// Puts the steps into the order of the turns, each with the buffers that it finds then.
void Program::apply(const StepTrace& trace, const TurnList& list) {
  std::vector<Step> steps;
  std::vector<Note> notes;
  buffers_.resize(static_cast<std::size_t>(list.buffers));
  for (const Turn& turn : list.turns) {
    const auto at = static_cast<std::size_t>(turn.step);
    Step step = steps_[at];
    const auto renamed = [&](int buffer) {
      return buffer < 0 ? buffer : list.buffer_at(trace, turn, buffer);
    };
    if (step.kernel != nullptr) {
      std::ranges::transform(step.pointers, step.pointers, renamed);
    } else {
      const int first = static_cast<int>(arguments_.size());
      for (int i = 0; i < step.arguments; ++i) {
        const auto old = static_cast<std::size_t>(step.first_argument + i);
        memories_.emplace_back(memories_[old].get_desc(), engine_,
                               static_cast<void*>(DNNL_MEMORY_NONE));
        memory_buffers_.push_back(renamed(memory_buffers_[old]));
        arguments_.push_back({arguments_[old].arg, memories_.back().get()});
      }
      step.first_argument = first;
    }
    steps.push_back(step);
    notes.push_back(notes_[at]);
  }
  run_again_ = steps.size() - steps_.size();
  steps_ = std::move(steps);
  notes_ = std::move(notes);
}

void Program::place(const Program* host) {
  const StepTrace steps = trace();
  const std::size_t others = scratch_bytes_ + constant_bytes_;
  const std::size_t most = limit_ ? *limit_ - std::min(*limit_, others) : 0;
  Recompute how;
  TurnList list = turns_of(steps, how);
  std::vector<Lifetime> lives = lifetimes_of(steps, list);
  Placement placement = place_in_arena(lives);
  // Gaps between buffers take room too: what is aimed at is less, then.
  std::size_t aim = most;
  for (int tries = 0; limit_ && placement.bytes > most && tries < 4; ++tries) {
    Recompute next = choose_recompute(steps, aim);
    TurnList turns = turns_of(steps, next);
    std::vector<Lifetime> lasting = lifetimes_of(steps, turns);
    Placement placed = place_in_arena(lasting);
    const bool least = next.most_alive > aim;  // it cannot be less
    aim -= std::min(aim, placed.bytes - std::min(placed.bytes, most));
    if (placed.bytes >= placement.bytes) {
      if (least) break;
      continue;
    }
    how = std::move(next);  // which the turns go on pointing into
    list = std::move(turns);
    lives = std::move(lasting);
    placement = std::move(placed);
    if (least) break;
  }
  if (!how.again.empty()) apply(steps, list);
  arena_bytes_ = placement.bytes;
  lower_bound_ = most_alive(lives);
  const bool fits = host != nullptr && host->arena_ && host->arena_bytes_ >= arena_bytes_;
  if (!fits) arena_ = aligned_floats(arena_bytes_);
  float* const arena = fits ? host->arena_.get() : arena_.get();
  for (std::size_t i = 0; i < lives.size(); ++i) {
    if (lives[i].bytes > 0) buffers_[i].memory = arena + placement.offsets[i] / sizeof(float);
  }
}

void Program::finish(const Program* host) {
  place(host);
  const bool fits = host != nullptr && host->scratch_ && host->scratch_bytes_ >= scratch_bytes_;
  if (!fits) scratch_ = aligned_floats(scratch_bytes_);
  float* const scratch = fits ? host->scratch_.get() : scratch_.get();
  for (std::size_t i = 0; i < memories_.size(); ++i) {
    const int buffer = memory_buffers_[i];
    memories_[i].set_data_handle(buffer < 0 ? scratch : data(buffer));
  }
  for (Step& step : steps_) {
    for (std::size_t i = 0; i < KernelArgs::kMostPointers; ++i) {
      if (step.kernel != nullptr && step.pointers[i] >= 0) step.args.p[i] = data(step.pointers[i]);
    }
  }
}

float* Program::data(int buffer) const { return buffers_[static_cast<std::size_t>(buffer)].memory; }

inline bool Program::execute(const Step& step) {
  if (step.kernel != nullptr) {
    step.kernel(step.args);
    return true;
  }
  return dnnl_primitive_execute(step.primitive, stream_.get(), step.arguments,
                                arguments_.data() + step.first_argument) == dnnl_success;
}

bool Program::run() {
  bool ok = true;
  for (const Step& step : steps_) ok &= execute(step);
  return ok;
}

bool Program::run(StepWatch& watch) {
  bool ok = true;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    watch.begin();
    ok &= execute(steps_[i]);
    StepInfo info;
    const Note& of = notes_[i];
    if (of.node >= 0) info.results = nodes_[static_cast<std::size_t>(of.node)];
    info.kernel = of.kernel;
    info.kind = of.kind;
    watch.done(info);
  }
  return ok;
}

}  // namespace tenbin::dnn
