// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/program.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <numeric>

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

void Program::touch(int buffer) {
  Buffer& b = buffers_[static_cast<std::size_t>(buffer)];
  const int now = static_cast<int>(steps_.size());
  if (b.first < 0) b.first = now;
  b.last = now;
}

void Program::add(const dnnl::primitive& primitive, const std::vector<Argument>& arguments,
                  const Desc& scratch, std::string name) {
  Step step;
  step.primitive = primitive.get();
  step.first_argument = static_cast<int>(arguments_.size());
  for (const Argument& argument : arguments) {
    if (!argument.ref) continue;
    touch(argument.ref.buffer);
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
    touch(pointers[i].buffer);
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

// Largest first, each at the lowest gap between the buffers alive at the same time (best fit by
// address). The bound is what the busiest step needs.
void Program::place(const Program* host) {
  const int end = static_cast<int>(steps_.size());
  std::vector<int> order;
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    Buffer& b = buffers_[i];
    if (b.fixed || (b.first < 0 && !b.from_start && !b.to_end)) continue;
    if (b.from_start) b.first = 0;
    if (b.first < 0) b.first = 0;
    if (b.to_end) b.last = end;
    b.last = std::max(b.last, b.first);
    order.push_back(static_cast<int>(i));
  }
  std::stable_sort(order.begin(), order.end(), [this](int a, int b) {
    return buffers_[static_cast<std::size_t>(a)].bytes >
           buffers_[static_cast<std::size_t>(b)].bytes;
  });
  struct Placed {
    std::size_t begin, end;
    int buffer;
  };
  std::vector<Placed> placed;  // by begin
  std::vector<std::size_t> offsets(buffers_.size(), 0);
  for (const int index : order) {
    const Buffer& b = buffers_[static_cast<std::size_t>(index)];
    std::size_t at = 0;
    for (const Placed& other : placed) {
      const Buffer& o = buffers_[static_cast<std::size_t>(other.buffer)];
      if (o.last < b.first || b.last < o.first) continue;
      if (at + b.bytes <= other.begin) break;
      at = std::max(at, other.end);
    }
    offsets[static_cast<std::size_t>(index)] = at;
    const Placed mine{at, at + b.bytes, index};
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), mine,
                         [](const Placed& x, const Placed& y) { return x.begin < y.begin; }),
        mine);
    arena_bytes_ = std::max(arena_bytes_, at + b.bytes);
  }
  for (int step = 0; step <= end; ++step) {
    std::size_t alive = 0;
    for (const int index : order) {
      const Buffer& b = buffers_[static_cast<std::size_t>(index)];
      if (b.first <= step && step <= b.last) alive += b.bytes;
    }
    lower_bound_ = std::max(lower_bound_, alive);
  }
  const bool fits = host != nullptr && host->arena_ && host->arena_bytes_ >= arena_bytes_;
  if (!fits) arena_ = aligned_floats(arena_bytes_);
  float* const arena = fits ? host->arena_.get() : arena_.get();
  for (const int index : order) {
    Buffer& b = buffers_[static_cast<std::size_t>(index)];
    b.memory = arena + offsets[static_cast<std::size_t>(index)] / sizeof(float);
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
