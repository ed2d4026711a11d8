// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "capi/tenbin.h"
#include "graph/onnx.h"

namespace {

using namespace tenbin;

// y = x + [1, 2], for any number of rows.
std::string adds() {
  Model model;
  model.opsets[""] = 17;
  Graph& graph = model.graph;
  graph.inputs.push_back({"x", ElementType::kFloat32, Shape{-1, 2}, true});
  graph.outputs.push_back({"y", ElementType::kFloat32, Shape{-1, 2}, true});
  graph.initializers["b"] = Tensor::of<float>({2}, {1, 2});
  OpCall node;
  node.op = "Add";
  node.inputs = {"x", "b"};
  node.outputs = {"y"};
  graph.nodes.push_back(node);
  return *write_onnx(model);
}

class Capi : public testing::Test {
 protected:
  void SetUp() override {
    const std::string bytes = adds();
    ASSERT_EQ(tenbin_open_bytes(bytes.data(), bytes.size(), nullptr, &model_), TENBIN_OK)
        << tenbin_last_error();
  }
  void TearDown() override { tenbin_close(model_); }

  tenbin_model* model_ = nullptr;
  const int64_t shape_[2] = {2, 2};
  const float rows_[4] = {10, 20, 30, 40};
};

TEST_F(Capi, RunsAModelAndLendsItsOutputs) {
  const tenbin_tensor in = {TENBIN_FLOAT32, 2, shape_, rows_};
  tenbin_tensor out{};
  ASSERT_EQ(tenbin_run(model_, &in, 1, &out, 1), TENBIN_OK) << tenbin_last_error();
  ASSERT_EQ(out.rank, 2);
  EXPECT_EQ(out.shape[0], 2);
  const float* y = static_cast<const float*>(out.data);
  EXPECT_EQ(std::vector<float>(y, y + 4), (std::vector<float>{11, 22, 31, 42}));
}

TEST_F(Capi, DescribesWhatAModelTakesAndGives) {
  EXPECT_EQ(tenbin_input_count(model_), 1U);
  EXPECT_EQ(tenbin_output_count(model_), 1U);
  tenbin_value value{};
  ASSERT_EQ(tenbin_input(model_, 0, &value), TENBIN_OK);
  EXPECT_STREQ(value.name, "x");
  EXPECT_EQ(value.type, TENBIN_FLOAT32);
  ASSERT_EQ(value.rank, 2);
  EXPECT_EQ(value.shape[0], -1);
  EXPECT_EQ(tenbin_output(model_, 1, &value), TENBIN_BAD_CALL);
}

TEST_F(Capi, ClonesRunOnOtherThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      tenbin_model* own = nullptr;
      if (tenbin_clone(model_, &own) != TENBIN_OK) return;
      for (int i = 0; i < 50; ++i) {
        const tenbin_tensor in = {TENBIN_FLOAT32, 2, shape_, rows_};
        tenbin_tensor out{};
        if (tenbin_run(own, &in, 1, &out, 1) != TENBIN_OK) continue;
        right += static_cast<const float*>(out.data)[3] == 42 ? 1 : 0;
      }
      tenbin_close(own);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right.load(), 200);
}

TEST_F(Capi, RefusesTensorsThatDoNotFit) {
  const int64_t wide[2] = {1, 3}, less[2] = {-1, 2}, huge[2] = {INT64_MAX, 2};
  struct Row {
    const char* why;
    tenbin_tensor tensor;
    const char* says;
  };
  const Row rows[] = {{"shape", {TENBIN_FLOAT32, 2, wide, rows_}, "'x'"},
                      {"type", {TENBIN_INT64, 2, shape_, rows_}, "int64"},
                      {"no type", {99, 2, shape_, rows_}, "99"},
                      {"no shape", {TENBIN_FLOAT32, 2, nullptr, rows_}, "no shape"},
                      {"no data", {TENBIN_FLOAT32, 2, shape_, nullptr}, "no data"},
                      {"negative", {TENBIN_FLOAT32, 2, less, rows_}, "[-1, 2]"},
                      {"overflow", {TENBIN_FLOAT32, 2, huge, rows_}, "shape"},
                      {"rank", {TENBIN_FLOAT32, 99, shape_, rows_}, "rank 99"}};
  for (const Row& row : rows) {
    tenbin_tensor out{};
    EXPECT_EQ(tenbin_run(model_, &row.tensor, 1, &out, 1), TENBIN_BAD_INPUT) << row.why;
    EXPECT_NE(std::strstr(tenbin_last_error(), row.says), nullptr)
        << row.why << ": " << tenbin_last_error();
  }
  EXPECT_EQ(tenbin_run(model_, nullptr, 0, nullptr, 0), TENBIN_BAD_CALL);
  EXPECT_EQ(tenbin_run(nullptr, nullptr, 0, nullptr, 0), TENBIN_BAD_CALL);
}

TEST(CapiOpen, RefusesWhatIsNoModel) {
  tenbin_model* model = nullptr;
  EXPECT_EQ(tenbin_open("/nowhere.onnx", nullptr, &model), TENBIN_BAD_INPUT) << tenbin_last_error();
  EXPECT_EQ(model, nullptr);
  EXPECT_EQ(tenbin_open_bytes("not a model", 11, nullptr, &model), TENBIN_BAD_INPUT);
  EXPECT_EQ(tenbin_open(nullptr, nullptr, &model), TENBIN_BAD_CALL);
  const std::string bytes = adds();
  const tenbin_options options = {0, 0, 0};
  EXPECT_EQ(tenbin_open_bytes(bytes.data(), bytes.size(), &options, &model), TENBIN_BAD_CALL)
      << "the size says which members there are";
  EXPECT_STRNE(tenbin_last_error(), "");
  tenbin_close(nullptr);
}

}  // namespace
