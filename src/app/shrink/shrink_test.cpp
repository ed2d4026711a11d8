// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/shrink.h"

#include <gtest/gtest.h>

#include "app/fakes/quiet_observer.h"
#include "engine/precision.h"
#include "graph/builder.h"
#include "graph/onnx.h"
#include "platform/clock.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"
#include "platform/random.h"

namespace tenbin {
namespace {

Tensor drawn(Shape shape, std::uint64_t stream) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  Random random(3, stream);
  for (float& value : out.data<float>()) value = static_cast<float>(0.2 * random.normal());
  return out;
}

// Sixteen columns in, four scores out.
std::string network_bytes() {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 16});
  const auto h = b.node("Relu", {b.node("Gemm", {x, b.constant("w", drawn({16, 256}, 1)),
                                                 b.constant("c", drawn({256}, 2))})});
  const auto g = b.node("Relu", {b.node("Gemm", {h, b.constant("v", drawn({256, 256}, 3)),
                                                 b.constant("d", drawn({256}, 4))})});
  b.output(b.node("Gemm", {g, b.constant("u", drawn({256, 4}, 5)), b.constant("e", drawn({4}, 6))}),
           "scores");
  Model model;
  model.graph = std::move(b).build().value();
  return write_onnx(model).value();
}

std::string rows_csv(int rows) {
  std::string out;
  for (int c = 0; c < 16; ++c) out += (c > 0 ? ",f" : "f") + std::to_string(c);
  Random random(3, 9);
  for (int row = 0; row < rows; ++row) {
    out += "\n";
    for (int c = 0; c < 16; ++c) out += (c > 0 ? "," : "") + std::to_string(random.normal());
  }
  return out + "\n";
}

class Shrinking : public testing::Test {
 protected:
  void SetUp() override {
    options.model = folder.path() + "/model.onnx";
    options.data = folder.path() + "/rows.csv";
    options.output = folder.path() + "/small";
    options.max_drop = Ratio{0.05};
    options.goal = ShrinkGoal::kSize;
    ASSERT_TRUE(files.write_durable(options.model, network_bytes()).ok());
    write_rows(3'000);
  }
  void write_rows(int rows) { ASSERT_TRUE(files.write_durable(options.data, rows_csv(rows)).ok()); }
  TestFolder folder;
  FileSystem& files = real_file_system();
  QuietObserver observer;
  ShrinkOptions options;
};

TEST_F(Shrinking, ShipsWhatIsProvenOrNothing) {
  const auto outcome = shrink(options, files, real_clock(), observer);
  ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
  const Json& document = outcome->document;
  const Json* int8 = nullptr;
  const Json* shipped = nullptr;
  for (const Json& attempt : document["attempts"].items()) {
    const std::string name = attempt["name"].as_string();
    // Where no integers are multiplied, "where faster" leaves all layers in floats.
    if (has_exact_int8() ? name.starts_with("int8") : name == "int8") int8 = &attempt;
    if (attempt["shipped"].as_bool()) shipped = &attempt;
  }
  ASSERT_NE(int8, nullptr);
  EXPECT_GT((*int8)["times_smaller"].as_number(), 3);
  EXPECT_GT((*int8)["choose"]["equal_labels"].as_number(), 0.9);
  const bool model = files.exists(options.output + "/model.onnx");
  EXPECT_EQ(model, shipped != nullptr) << "the machine decides, but never without a proof";
  EXPECT_EQ(outcome->exit_code, model ? 0 : 5);
  EXPECT_TRUE(files.exists(options.output + "/report.html"));
  if (!model) return;
  EXPECT_TRUE((*shipped)["proof"]["holds"].as_bool());
  EXPECT_LE((*shipped)["proof"]["answers"]["drop"]["high"].as_number(), 0.05);
  EXPECT_EQ((*shipped)["proof"]["answers"]["rows"].as_integer(), 1'200) << "four in ten";
  options.verify = options.output;
  const auto again = verify_shrunk(options, files, real_clock(), observer);
  ASSERT_TRUE(again.ok()) << again.error().to_string();
  EXPECT_EQ(again->exit_code == 0, again->document["proof"]["failures"].items().empty());
}

TEST_F(Shrinking, SaysHowManyRowsAProofTakes) {
  write_rows(200);
  options.max_drop = Ratio{0.005};
  const auto outcome = shrink(options, files, real_clock(), observer);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ErrorCode::kTooFewRows);
  EXPECT_NE(outcome.error().message().find("at least 39"), std::string::npos)
      << outcome.error().message();
}

TEST_F(Shrinking, RowsOfAnotherShapeAreRefused) {
  ASSERT_TRUE(files.write_durable(options.data, "a,b\n1,2\n3,4\n").ok());
  const auto outcome = shrink(options, files, real_clock(), observer);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ErrorCode::kInputMismatch);
}

}  // namespace
}  // namespace tenbin
