// SPDX-License-Identifier: Apache-2.0
#include "app/profile/node_rows.h"

#include <algorithm>
#include <numeric>

#include "graph/counts.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

constexpr std::size_t kNone = SIZE_MAX;
constexpr std::size_t kTable = 64;  // an attribute longer than that is read like weights

const std::string& name_of(const OpCall& node) {
  return node.name.empty() ? node.outputs.front() : node.name;
}

PeakPrecision precision_of(const std::string& kernel) {
  for (const char* word : {"int8", "u8s8", "s8s8"}) {
    if (kernel.find(word) != std::string::npos) return PeakPrecision::kInt8;
  }
  return kernel.find("bf16") != std::string::npos ? PeakPrecision::kBfloat16
                                                  : PeakPrecision::kFloat32;
}

// Bytes of attributes that are tables: trees, vocabularies.
std::int64_t table_bytes(const OpCall& node) {
  std::int64_t out = 0;
  for (const auto& [name, value] : node.attributes) {
    if (const auto* v = std::get_if<std::vector<float>>(&value); v && v->size() > kTable) {
      out += static_cast<std::int64_t>(v->size() * sizeof(float));
    }
    if (const auto* v = std::get_if<std::vector<std::int64_t>>(&value); v && v->size() > kTable) {
      out += static_cast<std::int64_t>(v->size() * sizeof(std::int64_t));
    }
  }
  return out;
}

// Sorts the nodes of a graph into groups that ran as one.
class Grouping {
 public:
  explicit Grouping(const Graph& graph) : graph_(graph), parent_(graph.nodes.size()) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const std::string& output : graph.nodes[i].outputs) writer_[output] = i;
      for (const std::string& input : graph.nodes[i].inputs) reader_.try_emplace(input, i);
    }
  }

  std::size_t find(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  std::size_t writer(const std::string& value) const {
    const auto found = writer_.find(value);
    return found == writer_.end() ? kNone : found->second;
  }
  void join(std::size_t a, std::size_t b) { parent_[find(a)] = find(b); }

  // The nodes that steps name; each slot's nodes become one group.
  void cover(const std::vector<StepTimes::Slot>& slots) {
    covered_.assign(graph_.nodes.size(), false);
    for (const auto& slot : slots) {
      std::size_t first = kNone;
      for (const std::string& result : slot.results) {
        const std::size_t node = writer(result);
        if (node == kNone) continue;
        if (slot.kind != StepKind::kConversion) covered_[node] = true;
        if (first == kNone) first = node;
        join(node, first);
      }
    }
  }
  // The others, last first: so a chain of them ends at the step that reads it.
  void adopt() {
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      if (covered_[i]) continue;
      const OpCall& node = graph_.nodes[i];
      std::size_t to = kNone;
      for (const std::string& output : node.outputs) {
        const auto reader = reader_.find(output);
        if (to == kNone && reader != reader_.end()) to = reader->second;
      }
      for (const std::string& input : node.inputs) {
        if (to == kNone) to = writer(input);
      }
      if (to != kNone) join(i, to);
    }
  }
  bool covered(std::size_t i) const { return covered_[i]; }

 private:
  const Graph& graph_;
  std::vector<std::size_t> parent_;
  std::vector<bool> covered_;
  std::map<std::string, std::size_t> writer_, reader_;
};

// The rows of the groups, filled with counts.
class Rows {
 public:
  Rows(const Graph& graph, std::string& reason) : graph_(graph), groups_(graph_) {
    graph_.values.clear();  // declared for other batches
    for (ValueInfo& output : graph_.outputs) output.has_shape = false;
    if (const Status known = infer_shapes(graph_); !known.ok()) {
      reason = known.error().message();
    }
    if (auto counted = count(graph_); counted.ok()) {
      counts_ = std::move(*counted);
    } else {
      reason = counted.error().message();
    }
  }

  std::vector<NodeRow> make(const std::vector<StepTimes::Slot>& slots) {
    groups_.cover(slots);
    groups_.adopt();
    for (const auto& slot : slots) {
      if (slot.kind == StepKind::kConversion) add_time(conversion_row(slot), slot);
      if (slot.kind != StepKind::kConversion) add_time(row_of(slot), slot);
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) describe(i);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) connect(i);
    for (auto& row : rows_) {
      std::sort(row.from.begin(), row.from.end());
      row.from.erase(std::unique(row.from.begin(), row.from.end()), row.from.end());
    }
    return std::move(rows_);
  }

 private:
  void add_time(std::size_t r, const StepTimes::Slot& slot) {
    NodeRow& row = rows_[r];
    if (row.runs.size() < slot.runs.size()) row.runs.resize(slot.runs.size());
    for (std::size_t i = 0; i < slot.runs.size(); ++i) row.runs[i] += slot.runs[i];
    if (std::find(row.kernels.begin(), row.kernels.end(), slot.kernel) == row.kernels.end()) {
      row.kernels.push_back(slot.kernel);
    }
    if (slot.kind == StepKind::kPlain) row.ran = RanIn::kPlain;
    if (row.precision == PeakPrecision::kFloat32) row.precision = precision_of(slot.kernel);
  }

  // By the group of its nodes; by its own results when the graph knows none of them.
  std::size_t row_of(const StepTimes::Slot& slot) {
    for (const std::string& result : slot.results) {
      if (const std::size_t node = groups_.writer(result); node != kNone) {
        return row_of_group(groups_.find(node));
      }
    }
    const std::string name = slot.results.empty() ? "steps of no node" : slot.results.front();
    const auto [found, fresh] = others_.try_emplace(name, rows_.size());
    if (fresh) {
      rows_.emplace_back().name = name;
      rows_.back().ops = {"?"};
    }
    return found->second;
  }
  std::size_t row_of_group(std::size_t group) {
    const auto [found, fresh] = by_group_.try_emplace(group, rows_.size());
    if (fresh) rows_.emplace_back();
    return found->second;
  }
  std::size_t conversion_row(const StepTimes::Slot& slot) {
    std::string before = slot.results.empty() ? "the end" : slot.results.front();
    if (const std::size_t node = groups_.writer(before); node != kNone) {
      before = name_of(graph_.nodes[node]);
    }
    const auto [found, fresh] = others_.try_emplace("before " + before, rows_.size());
    if (fresh) {
      NodeRow& row = rows_.emplace_back();
      row.name = before;
      row.ops = {"conversion"};
      row.ran = RanIn::kConversion;
      row.macs = Macs{};
    }
    return found->second;
  }

  std::int64_t bytes_of(const std::string& value) const {
    const auto info = graph_.info(value);
    if (!info || !info->has_shape || !is_static(info->shape)) return 0;
    return count_of(info->shape) * static_cast<std::int64_t>(element_size(info->type));
  }

  // Adds node `i` to the row of its group.
  void describe(std::size_t i) {
    const OpCall& node = graph_.nodes[i];
    const std::size_t group = groups_.find(i);
    NodeRow& row = rows_[row_of_group(group)];
    // The row is called after what does its arithmetic, else after what a step names.
    const int rank = node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul" ? 2
                     : groups_.covered(i)                                          ? 1
                                                                                   : 0;
    const auto [lead, fresh] = lead_.try_emplace(group, rank);
    const bool first = fresh || rank > lead->second;
    lead->second = std::max(lead->second, rank);
    row.ops.insert(first ? row.ops.begin() : row.ops.end(), node.op);
    if (first) row.name = name_of(node);
    if (i < counts_.nodes.size() && counts_.nodes.size() == graph_.nodes.size()) {
      const NodeCount& cost = counts_.nodes[i];
      row.macs = Macs{row.macs.value_or(Macs{}).count + cost.macs.count};
      row.parameters += cost.parameters;
    }
    row.weights.count += table_bytes(node);
    if (node.op == "Conv" && node.integer("group", 1) > 1 && node.inputs.size() > 1) {
      const auto weights = graph_.info(node.inputs[1]);
      row.depthwise |= weights && weights->shape.size() > 2 && weights->shape[1] == 1;
    }
  }

  // What crosses the border of the group, and from where.
  void connect(std::size_t i) {
    const OpCall& node = graph_.nodes[i];
    const std::size_t group = groups_.find(i), r = by_group_.at(group);
    for (const std::string& input : node.inputs) {
      if (input.empty() || !seen_[group].insert(input).second) continue;
      const std::size_t writer = groups_.writer(input);
      if (writer != kNone && groups_.find(writer) == group) continue;
      if (writer == kNone && graph_.initializers.contains(input)) {
        rows_[r].weights.count += bytes_of(input);
        continue;
      }
      rows_[r].activations.count += bytes_of(input);
      if (writer == kNone) continue;
      const std::size_t from = groups_.find(writer);
      rows_[r].from.push_back(by_group_.at(from));
      if (written_.insert(input).second)
        rows_[by_group_.at(from)].activations.count += bytes_of(input);
    }
    for (const ValueInfo& output : graph_.outputs) {
      const bool ours =
          std::find(node.outputs.begin(), node.outputs.end(), output.name) != node.outputs.end();
      if (ours && written_.insert(output.name).second) {
        rows_[r].activations.count += bytes_of(output.name);
      }
    }
  }

  Graph graph_;
  Grouping groups_;
  GraphCounts counts_;
  std::vector<NodeRow> rows_;
  std::map<std::size_t, std::size_t> by_group_;
  std::map<std::string, std::size_t> others_;
  std::map<std::size_t, std::set<std::string>> seen_;
  std::map<std::size_t, int> lead_;  // rank of what a group is called after
  std::set<std::string> written_;
};

}  // namespace

void StepTimes::begin() { began_ = clock_.steady_now(); }

void StepTimes::done(const StepInfo& step) {
  const Duration took = clock_.steady_now() - began_;
  const auto [found, fresh] =
      index_.try_emplace({step.results.data(), step.kernel.data()}, slots_.size());
  if (fresh) {
    Slot& slot = slots_.emplace_back();
    slot.results.assign(step.results.begin(), step.results.end());
    slot.kernel = step.kernel;
    slot.kind = step.kind;
    slot.runs.resize(runs_);
  }
  slots_[found->second].now += took;
}

void StepTimes::end_run() {
  ++runs_;
  for (Slot& slot : slots_) {
    slot.runs.push_back(slot.now);
    slot.now = {};
  }
}

std::vector<NodeRow> node_rows(const Graph& graph, const std::vector<StepTimes::Slot>& slots,
                               std::string& reason) {
  return Rows(graph, reason).make(slots);
}

}  // namespace tenbin
