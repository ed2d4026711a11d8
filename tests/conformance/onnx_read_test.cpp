// SPDX-License-Identifier: Apache-2.0
// Every model of Debian's libonnx-testdata is read or refused by name; what is read is written and
// read again the same; and what shape inference says never contradicts what the file declares.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "graph/schema.h"
#include "tests/conformance/onnx_suite.h"

namespace tenbin {
namespace {

// Known sizes that differ, or another rank.
bool contradicts(const ValueInfo& a, const ValueInfo& b) {
  if (a.type != b.type && a.type != ElementType::kUndefined && b.type != ElementType::kUndefined) {
    return true;
  }
  if (!a.has_shape || !b.has_shape) return false;
  if (a.shape.size() != b.shape.size()) return true;
  for (std::size_t i = 0; i < a.shape.size(); ++i) {
    if (a.shape[i] >= 0 && b.shape[i] >= 0 && a.shape[i] != b.shape[i]) return true;
  }
  return false;
}

struct Tally {
  int read = 0, outputs = 0, inferred = 0;
  std::map<std::string, int> refused;
  std::vector<std::string> contradictions, failures;
};

void infer_one(const std::string& path, const Model& model, Tally& tally) {
  Graph graph = model.graph;
  const std::vector<ValueInfo> declared = graph.outputs;
  for (ValueInfo& output : graph.outputs) output.has_shape = false;
  graph.values.clear();
  const Status status = infer_shapes(graph);
  if (!status.ok()) {
    tally.failures.push_back(path + ": " + status.error().to_string());
    return;
  }
  for (std::size_t i = 0; i < declared.size(); ++i) {
    ++tally.outputs;
    if (graph.outputs[i].has_shape) ++tally.inferred;
    if (contradicts(graph.outputs[i], declared[i])) {
      tally.contradictions.push_back(
          path + ": " + declared[i].name + " inferred " +
          std::string(element_name(graph.outputs[i].type)) + to_text(graph.outputs[i].shape) +
          ", declared " + std::string(element_name(declared[i].type)) + to_text(declared[i].shape));
    }
  }
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

TEST(OnnxRead, TestDataIsReadOrRefusedByName) {
  const std::vector<SuiteModel> models = suite_models();
  if (models.empty()) GTEST_SKIP() << "package libonnx-testdata is not installed";
  Tally tally;
  for (const SuiteModel& item : models) {
    const std::string path = item.model();
    const auto model = read_onnx(real_file_system(), path);
    if (!model.ok()) {
      EXPECT_FALSE(model.error().message().empty()) << path;
      const std::string& reason = model.error().message();
      ++tally.refused[reason.substr(0, reason.find(','))];
      continue;
    }
    ++tally.read;
    const auto written = write_onnx(*model);
    ASSERT_TRUE(written.ok()) << path << ": " << written.error().to_string();
    const auto again = parse_onnx(std::as_bytes(std::span(written->data(), written->size())));
    ASSERT_TRUE(again.ok()) << path << ": " << again.error().to_string();
    EXPECT_EQ(again->graph.initializers, model->graph.initializers) << path;
    EXPECT_EQ(again->graph.nodes.size(), model->graph.nodes.size()) << path;
    EXPECT_EQ(write_onnx(*again).value(), *written) << path;
    infer_one(path, *model, tally);
  }
  std::cout << models.size() << " models: " << tally.read << " read\n";
  for (const auto& [reason, count] : tally.refused) {
    std::cout << "  " << count << " refused: " << reason << "\n";
  }
  std::cout << tally.outputs << " outputs: " << tally.inferred << " with an inferred shape\n";
  EXPECT_TRUE(tally.contradictions.empty()) << join_lines(tally.contradictions);
  EXPECT_TRUE(tally.failures.empty()) << join_lines(tally.failures);
  EXPECT_GE(tally.read, static_cast<int>(models.size()) * 95 / 100);
}

}  // namespace
}  // namespace tenbin
