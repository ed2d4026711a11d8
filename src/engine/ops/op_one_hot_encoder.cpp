// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <type_traits>
#include <unordered_map>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

struct Categories {
  std::unordered_map<std::string, std::size_t> texts;
  std::unordered_map<std::int64_t, std::size_t> integers;
  std::size_t width = 0;
  bool zeros = true;
};

Result<std::shared_ptr<const void>> prepare(const OpCall& call) {
  auto c = std::make_shared<Categories>();
  const auto texts = call.texts("cats_strings");
  const auto integers = call.integers("cats_int64s");
  for (const auto& text : texts) c->texts.emplace(text, c->texts.size());
  for (const auto value : integers) c->integers.emplace(value, c->integers.size());
  c->width = texts.size() + integers.size();
  c->zeros = call.integer("zeros", 1) != 0;
  if (texts.empty() == integers.empty()) {
    return Error(ErrorCode::kBadModel, "OneHotEncoder needs cats_strings or cats_int64s",
                 "node '" + call.name + "'");
  }
  return std::shared_ptr<const void>(std::move(c));
}

template <class T, class Map>
Status fill(const OpCall& call, const Tensor& in, const Map& map, const Categories& c,
            Tensor& out) {
  const auto from = in.data<T>();
  auto to = out.data<float>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto found = map.end();
    if constexpr (std::is_floating_point_v<T>) {
      // Numbers count by their whole part; one that no integer holds is no category.
      if (std::fabs(from[i]) < T(1LL << 62)) found = map.find(static_cast<std::int64_t>(from[i]));
    } else {
      found = map.find(from[i]);
    }
    if (found != map.end()) {
      to[i * c.width + found->second] = 1;
    } else if (!c.zeros) {
      return bad_operands(call, "value of row " + std::to_string(i) + " is no known category");
    }
  }
  return {};
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void* prepared) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const auto& c = *static_cast<const Categories*>(prepared);
  const Tensor& in = *inputs[0];
  Shape shape = in.shape();
  shape.push_back(static_cast<std::int64_t>(c.width));
  TENBIN_CHECK(element_count(shape));
  Tensor out(ElementType::kFloat32, shape);
  if (in.type() == ElementType::kString && !c.texts.empty()) {
    TENBIN_CHECK(fill<std::string>(call, in, c.texts, c, out));
  } else if (in.type() == ElementType::kInt64 && !c.integers.empty()) {
    TENBIN_CHECK(fill<std::int64_t>(call, in, c.integers, c, out));
  } else if (in.type() == ElementType::kFloat32 && !c.integers.empty()) {
    TENBIN_CHECK(fill<float>(call, in, c.integers, c, out));
  } else if (in.type() == ElementType::kFloat64 && !c.integers.empty()) {
    TENBIN_CHECK(fill<double>(call, in, c.integers, c, out));
  } else if (in.type() == ElementType::kInt32 && !c.integers.empty()) {
    TENBIN_CHECK(fill<std::int32_t>(call, in, c.integers, c, out));
  } else {
    return bad_element_type(call, in.type(), "the type of its categories");
  }
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"an unknown category gives zeros",
           op_call("OneHotEncoder", 1, {{"cats_strings", std::vector<std::string>{"a", "b"}}},
                   "ai.onnx.ml"),
           {Tensor::strings({3, 1}, {"b", "x", "a"})},
           {},
           false},
          {"numbers among integer categories",
           op_call("OneHotEncoder", 1, {{"cats_int64s", std::vector<std::int64_t>{3, 5}}},
                   "ai.onnx.ml"),
           {Tensor::of<float>({3}, {5, 4, 3})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_one_hot_encoder() {
  static const OpEntry entry{"ai.onnx.ml", {"OneHotEncoder"}, "A column of ones a category.",
                             compute,      prepare,           probes};
  return entry;
}

}  // namespace tenbin
