// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

#include "base/result.h"
#include "engine/dnn/recompute.h"
#include "engine/step_watch.h"

namespace tenbin::dnn {

using Desc = dnnl::memory::desc;

// A value as it lies in memory: which buffer, in which layout.
struct Ref {
  int buffer = -1;
  Desc desc;
  explicit operator bool() const { return buffer >= 0; }
};

// What one of our own kernels gets: pointers resolved when the program is finished.
struct KernelArgs {
  static constexpr std::size_t kMostPointers = 14;
  float* p[kMostPointers] = {};
  std::int64_t n[6] = {};
  float f[4] = {};
  void* state = nullptr;  // borrowed; outlives the program
};
using Kernel = void (*)(const KernelArgs&);

// 64-byte aligned floats.
struct AlignedFree {
  void operator()(float* p) const;
};
using AlignedFloats = std::unique_ptr<float[], AlignedFree>;
AlignedFloats aligned_floats(std::size_t bytes);  // zeroed

// A straight list of steps over one arena: built once, run many times without allocation or lock.
// Buffers live from their first to their last step and share memory where lives do not overlap.
// Not thread-safe.
class Program {
 public:
  explicit Program(const dnnl::engine& engine);

  // A buffer of the arena; or memory that outlives the program (parameters, fixed inputs).
  int arena_buffer(std::size_t bytes);
  int fixed_buffer(float* memory);
  // Copied, or shared with equal ones; lives as long as the program, and no step writes to it.
  int constant_buffer(std::span<const std::byte> bytes);
  int constant_buffer(std::span<const float> values) { return constant_buffer(as_bytes(values)); }
  // Holds what the `state` of a kernel points to.
  void* keep(std::shared_ptr<void> state) { return kept_.emplace_back(std::move(state)).get(); }
  // Keeps a buffer alive from before the first step (inputs) or until after the last (outputs).
  void keep_from_start(int buffer);
  void keep_to_end(int buffer);
  Ref arena_ref(const Desc& desc) { return {arena_buffer(desc.get_size()), desc}; }

  struct Argument {
    int slot;  // DNNL_ARG_SRC ...
    Ref ref;
  };
  // `scratch`: the primitive's scratchpad descriptor (one area is shared by all).
  void add(const dnnl::primitive& primitive, const std::vector<Argument>& arguments,
           const Desc& scratch, std::string name);
  // `name`: for reports; empty: too small to tell.
  void add(Kernel kernel, KernelArgs args, const std::vector<Ref>& pointers,
           const std::string& name = {});
  Status add_reorder(const Ref& from, const Ref& to);
  // The step added last left a part of what lay there. A primitive whose destination was used
  // before, and a kernel that names it twice, need not say so.
  void adds_to(const Ref& ref) {
    rewrites_.emplace_back(static_cast<int>(steps_.size()) - 1, ref.buffer);
  }

  // Whose steps follow: the node that writes `result`; and one whose work they do too.
  void begin_node(const std::string& result) { nodes_.push_back({result}); }
  void share_node(const std::string& result) { nodes_.back().push_back(result); }

  // Places all buffers and resolves all pointers. No step may be added after it. `host`: a finished
  // program that never runs at the same time (borrowed, outlives this one, may be null), whose
  // arena and scratchpad serve both where they are large enough.
  void finish(const Program* host = nullptr);
  // Steps added so far may run twice where arena, scratchpad and constants would else be more than
  // so many bytes together: finish() comes as near to it as it can. They must give the same again.
  void limit(std::size_t bytes);
  // False when a primitive refused to run: a defect of ours, and the values are void.
  [[nodiscard]] bool run();
  // The same, telling each step.
  [[nodiscard]] bool run(StepWatch& watch);
  float* data(int buffer) const;

  std::size_t arena_bytes() const { return arena_bytes_; }
  // All that the program holds itself: arena, scratchpad, constants.
  std::size_t bytes() const {
    return (arena_ ? arena_bytes_ : 0) + (scratch_ ? scratch_bytes_ : 0) + constant_bytes_;
  }
  // Largest sum of bytes alive at one step: no placement can be smaller.
  std::size_t lower_bound() const { return lower_bound_; }
  std::size_t steps() const { return steps_.size(); }
  std::size_t steps_run_again() const { return run_again_; }
  const std::vector<std::string>& kernels() const { return names_; }
  const dnnl::engine& engine() const { return engine_; }

 private:
  struct Buffer {
    std::size_t bytes = 0;
    bool touched = false, from_start = false, to_end = false;
    float* memory = nullptr;  // fixed, or where the arena placed it
    bool fixed = false;
  };
  struct Step {
    dnnl_primitive_t primitive = nullptr;
    int first_argument = 0, arguments = 0;
    Kernel kernel = nullptr;
    KernelArgs args;
    int pointers[KernelArgs::kMostPointers] = {};  // below 0: none
  };

  // What a step is, for a watch; apart from what runs.
  struct Note {
    int node = -1;  // index into nodes_; -1: none
    StepKind kind = StepKind::kCompiled;
    std::string kernel;
  };

  // Before the step is added. `writes`: or may do so.
  void touch(int buffer, bool writes);
  void note(const Step& step, std::string kernel);
  bool execute(const Step& step);
  void place(const Program* host);
  StepTrace trace() const;
  void apply(const StepTrace& trace, const TurnList& list);

  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<Buffer> buffers_;
  std::vector<Step> steps_;
  std::vector<Note> notes_;                      // one a step
  std::vector<std::vector<std::string>> nodes_;  // the results of each, and of those it shares
  std::vector<dnnl::primitive> primitives_;
  std::vector<dnnl::memory> memories_;  // one an argument
  std::vector<int> memory_buffers_;     // -1: the scratchpad
  std::vector<dnnl_exec_arg_t> arguments_;
  std::vector<std::string> names_;
  std::size_t scratch_bytes_ = 0;
  std::size_t arena_bytes_ = 0, lower_bound_ = 0;
  std::vector<std::pair<int, int>> rewrites_;  // of a StepTrace
  std::optional<std::size_t> limit_;           // [B]
  int may_run_again_ = 0;                      // steps, from the first
  std::size_t run_again_ = 0;
  AlignedFloats arena_, scratch_;
  std::vector<std::shared_ptr<void>> kept_;
  std::vector<std::shared_ptr<float[]>> constants_;
  std::size_t constant_bytes_ = 0;
};

}  // namespace tenbin::dnn
