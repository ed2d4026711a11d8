// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

struct Mapper {
  std::unordered_map<std::string, std::int64_t> to_number;
  std::unordered_map<std::int64_t, std::string> to_text;
  std::string default_text;
  std::int64_t default_number = -1;
};

Result<std::shared_ptr<const void>> prepare(const OpCall& call) {
  auto m = std::make_shared<Mapper>();
  const auto texts = call.texts("cats_strings");
  const auto numbers = call.integers("cats_int64s");
  if (texts.size() != numbers.size()) {
    return Error(ErrorCode::kBadModel,
                 "CategoryMapper has " + std::to_string(texts.size()) + " strings and " +
                     std::to_string(numbers.size()) + " integers",
                 "node '" + call.name + "'");
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    m->to_number[texts[i]] = numbers[i];
    m->to_text[numbers[i]] = texts[i];
  }
  m->default_text = call.text("default_string", "_Unused");
  m->default_number = call.integer("default_int64", -1);
  return std::shared_ptr<const void>(std::move(m));
}

template <class From, class To>
Tensor map_all(const Tensor& in, const std::unordered_map<From, To>& table, const To& fallback) {
  Tensor out(kElementOf<To>, in.shape());
  const auto from = in.data<From>();
  const auto to = out.data<To>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto found = table.find(from[i]);
    to[i] = found == table.end() ? fallback : found->second;
  }
  return out;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void* prepared) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const auto& m = *static_cast<const Mapper*>(prepared);
  if (inputs[0]->is_string()) return one(map_all(*inputs[0], m.to_number, m.default_number));
  if (inputs[0]->type() == ElementType::kInt64) {
    return one(map_all(*inputs[0], m.to_text, m.default_text));
  }
  return bad_element_type(call, inputs[0]->type(), "string or int64");
}

std::vector<OpProbe> probes() {
  const Attributes a = {{"cats_strings", std::vector<std::string>{"a", "b"}},
                        {"cats_int64s", std::vector<std::int64_t>{4, 9}},
                        {"default_int64", std::int64_t{-2}},
                        {"default_string", std::string("none")}};
  const OpCall call = op_call("CategoryMapper", 1, a, "ai.onnx.ml");
  return {{"texts to integers", call, {Tensor::strings({2, 2}, {"b", "?", "a", "a"})}, {}, false},
          {"integers to texts", call, {Tensor::of<std::int64_t>({3}, {9, 1, 4})}, {}, false}};
}

}  // namespace

const OpEntry& op_category_mapper() {
  static const OpEntry entry{
      "ai.onnx.ml", {"CategoryMapper"}, "Texts and integers by a table.", compute, prepare, probes};
  return entry;
}

}  // namespace tenbin
