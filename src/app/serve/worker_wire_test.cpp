// SPDX-License-Identifier: Apache-2.0
#include "app/serve/worker_wire.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

std::string sample() {
  WireWriter out;
  out.tensor(Tensor::of<float>({2, 2}, {1, 2, 3, 4}));
  out.tensor(Tensor::strings({2}, {"a", "bc"}));
  out.value({"x", ElementType::kInt64, {-1, 3}, true});
  out.texts({{"k", "v"}});
  out.error(Error(ErrorCode::kInputMismatch, "what", "where", "how"));
  return out.bytes();
}

TEST(WorkerWire, ReadsWhatItWrote) {
  const std::string bytes = sample();
  WireReader in(bytes);
  const Tensor numbers = in.tensor(), texts = in.tensor();
  EXPECT_EQ(numbers.shape(), (Shape{2, 2}));
  EXPECT_EQ(numbers.data<float>()[3], 4);
  EXPECT_EQ(texts.data<std::string>()[1], "bc");
  const ValueInfo value = in.value();
  EXPECT_EQ(value.name, "x");
  EXPECT_EQ(value.shape, (Shape{-1, 3}));
  EXPECT_EQ(in.texts().at("k"), "v");
  const Error error = in.error();
  EXPECT_EQ(error.code(), ErrorCode::kInputMismatch);
  EXPECT_EQ(error.hint(), "how");
  EXPECT_TRUE(in.ok());
}

TEST(WorkerWire, TakesNoHarmFromWhatIsCutOrChanged) {
  const std::string bytes = sample();
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    WireReader in(std::string_view(bytes).substr(0, cut));
    (void)in.tensor();
    (void)in.tensor();
    (void)in.value();
    (void)in.texts();
    (void)in.error();
    EXPECT_FALSE(in.ok()) << cut;
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char other : {'\xFF', '\x7F', '\0'}) {
      std::string changed = bytes;
      changed[at] = other;
      WireReader in(changed);
      (void)in.tensor();
      (void)in.tensor();
      (void)in.value();
      (void)in.texts();
    }
  }
}

}  // namespace
}  // namespace tenbin
