// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"
#include "engine/recurrent_case.h"

namespace tenbin {
namespace {

TEST(OpRnn, SumsUpInputsWithoutBounds) {
  // h = relu(x + h): running sums, and from the other end.
  const std::vector<Tensor> inputs = {Tensor::of<float>({3, 1, 1}, {1, 2, 3}),
                                      Tensor::of<float>({2, 1, 1}, {1, 1}),
                                      Tensor::of<float>({2, 1, 1}, {1, 1})};
  const OpCall call = op_call("RNN", 3,
                              {{"direction", std::string("bidirectional")},
                               {"hidden_size", std::int64_t{1}},
                               {"activations", std::vector<std::string>{"Relu", "relu"}}},
                              "", 2);
  const auto out = run_op(call, inputs);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ((*out)[0], Tensor::of<float>({3, 2, 1, 1}, {1, 6, 3, 5, 6, 3}));
  EXPECT_EQ((*out)[1], Tensor::of<float>({2, 1, 1}, {6, 6}));
}

TEST(OpRnn, BatchFirstIsTheSameInAnotherOrder) {
  OpProbe probe = recurrent_probes("RNN", 1, 2)[3];
  const auto plain = run_op(probe.call, probe.inputs);
  ASSERT_TRUE(plain.ok()) << plain.error().to_string();
  probe.call.attributes["layout"] = std::int64_t{1};
  Tensor turned(ElementType::kFloat32, {2, 4, 2});
  for (std::size_t t = 0; t < 4; ++t) {
    for (std::size_t b = 0; b < 2; ++b) {
      for (std::size_t i = 0; i < 2; ++i) {
        turned.data<float>()[(b * 4 + t) * 2 + i] =
            probe.inputs[0].data<float>()[(t * 2 + b) * 2 + i];
      }
    }
  }
  probe.inputs[0] = turned;
  const auto first = run_op(probe.call, probe.inputs);
  ASSERT_TRUE(first.ok()) << first.error().to_string();
  EXPECT_EQ((*first)[0].shape(), (Shape{2, 4, 1, 3}));
  EXPECT_EQ((*first)[1].shape(), (Shape{2, 1, 3}));
  EXPECT_EQ((*first)[0].data<float>()[1 * 12 + 2 * 3], (*plain)[0].data<float>()[2 * 6 + 1 * 3]);
}

TEST(OpRnn, RefusesWhatDoesNotFit) {
  OpProbe probe = recurrent_probes("RNN", 1, 2)[3];
  probe.call.attributes["activations"] = std::vector<std::string>{"Cosine"};
  const auto unknown = run_op(probe.call, probe.inputs);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code(), ErrorCode::kUnsupportedOp);
  probe = recurrent_probes("RNN", 1, 2)[3];
  probe.inputs[1] = probe_numbers({1, 3, 5}, 1);
  EXPECT_FALSE(run_op(probe.call, probe.inputs).ok()) << "W of another width";
  probe = recurrent_probes("RNN", 1, 2)[0];
  probe.inputs[4] = Tensor::of<std::int32_t>({2}, {5, 1});
  EXPECT_FALSE(run_op(probe.call, probe.inputs).ok()) << "longer than the steps";
}

}  // namespace
}  // namespace tenbin
