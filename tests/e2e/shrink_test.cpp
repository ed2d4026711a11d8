// SPDX-License-Identifier: Apache-2.0
// `tenbin shrink` as its user meets it: a network and rows that suit it, and all that may be wrong
// with either.
#include <gtest/gtest.h>

#include "engine/precision.h"
#include "graph/builder.h"
#include "graph/onnx.h"
#include "platform/fakes/test_folder.h"
#include "platform/random.h"
#include "tests/faults/program.h"

namespace tenbin {
namespace {

Tensor drawn(Shape shape, std::uint64_t stream) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  Random random(3, stream);
  for (float& value : out.data<float>()) value = static_cast<float>(0.2 * random.normal());
  return out;
}

// Sixteen columns in, four scores out, and weights that no second cache holds as floats; `middle`
// stands between two layers, if any.
Model network(const std::string& middle = {}, const std::string& domain = {}) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 16});
  std::string h = b.node("Gemm", {x, b.constant("w", drawn({16, 1024}, 1))});
  h = b.node("Relu", {h});
  h = b.node("Relu", {b.node("Gemm", {h, b.constant("v", drawn({1024, 1024}, 2))})});
  if (!middle.empty()) h = b.node(middle, {h});
  b.output(b.node("Gemm", {h, b.constant("u", drawn({1024, 4}, 3))}), "scores");
  Model model;
  model.graph = std::move(b).build().value();
  if (!domain.empty()) {
    model.opsets[domain] = 1;
    for (OpCall& node : model.graph.nodes) {
      if (node.op == middle) node.domain = domain;
    }
  }
  return model;
}

class ShrinkCommand : public testing::Test {
 protected:
  void SetUp() override {
    put("model.onnx", write_onnx(network()).value());
    put("rows.csv", rows(4'000, 16));
  }
  void put(const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(real_file_system().write_durable(folder_ / name, bytes).ok());
  }
  static std::string rows(int count, int columns) {
    std::string out;
    for (int c = 0; c < columns; ++c) out += (c > 0 ? ",f" : "f") + std::to_string(c);
    Random random(3, 9);
    for (int row = 0; row < count; ++row) {
      out += "\n";
      for (int c = 0; c < columns; ++c) {
        out += (c > 0 ? "," : "") + std::to_string(random.normal());
      }
    }
    return out + "\n";
  }
  ProgramRun shrink(std::vector<std::string> more, const std::string& model = "model.onnx",
                    const std::string& data = "rows.csv") {
    std::vector<std::string> words = {"shrink", folder_ / model,   "--data",    folder_ / data,
                                      "-o",     folder_ / "small", "--no-input"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(std::move(words), {});
  }
  bool exists(const std::string& name) { return real_file_system().exists(folder_ / name); }

  TestFolder folder_;
};

TEST_F(ShrinkCommand, ASmallerModelIsShippedWithItsProofAndVerified) {
  // Where integers are no faster, so much that half of the channels may go.
  const bool exact = has_exact_int8();
  const ProgramRun seen =
      shrink({"--max-drop", exact ? "5%" : "20%", "--budget", exact ? "20s" : "45s"});
  ASSERT_EQ(seen.code, 0) << seen.out << seen.err;
  EXPECT_NE(seen.out.find("x smaller"), std::string::npos) << seen.out;
  EXPECT_NE(seen.out.find("shipped"), std::string::npos);
  for (const char* name : {"model.onnx", "original.onnx", "report.html", "result.json"}) {
    EXPECT_TRUE(exists(std::string("small/") + name)) << name;
  }
  const ProgramRun again = run_program({"shrink", "--verify", folder_ / "small"}, {});
  EXPECT_TRUE(again.code == 0 || again.code == 6) << again.err << "the machine decides";
  EXPECT_EQ(again.code == 0, again.out.find("the promise holds") != std::string::npos) << again.out;

  // Worse weights under the same name: the gate closes.
  Model worse = network();
  for (auto& [name, tensor] : worse.graph.initializers) tensor = drawn(tensor.shape(), 77);
  put("small/model.onnx", write_onnx(worse).value());
  const ProgramRun broken = run_program({"shrink", "--verify", folder_ / "small"}, {});
  EXPECT_EQ(broken.code, 6) << broken.out << broken.err;
  EXPECT_NE(broken.err.find("accuracy may fall"), std::string::npos) << broken.err;
}

TEST_F(ShrinkCommand, NothingIsShippedThatCannotBeProven) {
  ASSERT_TRUE(real_file_system().make_folders(folder_ / "small").ok());
  put("small/model.onnx", "of an earlier run");
  const ProgramRun seen =
      shrink({"--limit", "p99=1ns", "--max-drop", "5%", "--budget", "10s", "--yes"});
  EXPECT_EQ(seen.code, 5) << seen.err;
  EXPECT_NE(seen.out.find("nothing here beats what you have"), std::string::npos) << seen.out;
  EXPECT_FALSE(exists("small/model.onnx"));
  EXPECT_TRUE(exists("small/model.before.onnx")) << "what was there is set aside, not deleted";
}

TEST_F(ShrinkCommand, SaysWhatIsWrongAndWhere) {
  put("unknown.onnx", write_onnx(network("Mystery", "acme")).value());
  put("log.onnx", write_onnx(network("Log")).value());  // of a ReLU: minus infinity
  put("few.csv", rows(60, 16));
  put("narrow.csv", rows(4'000, 3));
  put("model.txt", "no model");
  const struct {
    const char *why, *model, *data;
    std::vector<std::string> more;
    int code;
    const char* says;
  } cases[] = {
      {"an operator of nobody", "unknown.onnx", "rows.csv", {}, 4, "acme.Mystery"},
      {"answers that are no numbers", "log.onnx", "rows.csv", {}, 2, "nan or infinity"},
      {"too few rows, and how many", "model.onnx", "few.csv", {}, 3, "at least"},
      {"rows of another model", "model.onnx", "narrow.csv", {}, 3, "16"},
      {"no model", "model.txt", "rows.csv", {}, 3, "model.txt"},
      {"no such rows", "model.onnx", "none.csv", {}, 3, "none.csv"},
      {"a target that is not there", "model.onnx", "rows.csv", {"--target", "f99"}, 3, "f99"},
      {"a drop without meaning", "model.onnx", "rows.csv", {"--max-drop", "80%"}, 2, "50%"},
      {"a budget in the limits", "model.onnx", "rows.csv", {"--limit", "time=3s"}, 2, "--budget"},
      {"a budget too small", "model.onnx", "rows.csv", {"--budget", "1ms"}, 5, "--budget"}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.why);
    std::vector<std::string> more = one.more;
    if (more.empty()) more = {"--budget", "10s"};
    const ProgramRun seen = shrink(more, one.model, one.data);
    EXPECT_EQ(seen.code, one.code) << seen.err;
    EXPECT_NE(seen.err.find(one.says), std::string::npos) << seen.err;
    EXPECT_FALSE(exists("small/model.onnx"));
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tenbin
