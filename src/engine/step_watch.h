// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tenbin {

enum class StepKind {
  kCompiled,    // a step of a compiled plan
  kConversion,  // a change of layout or type between compiled steps, before what needs it
  kPlain,       // a node run by the plain loops of its operator
};

// One step of a run. `results`: what the nodes behind it write, names of the graph; a step may
// stand for several nodes (fused), and a node for several steps. A node that a rewrite removed is
// named by none: its work is done by the step of its reader.
struct StepInfo {
  std::span<const std::string> results;
  std::string_view kernel;  // "jit:avx512_core", "own", "plain"
  StepKind kind = StepKind::kCompiled;
};

// Is told when each step begins and ends, on the thread that runs it, one step at a time. Reads the
// clock, so that the engine need not. What lies between two steps belongs to no node.
class StepWatch {
 public:
  virtual ~StepWatch() = default;
  virtual void begin() = 0;
  virtual void done(const StepInfo& step) = 0;
};

}  // namespace tenbin
