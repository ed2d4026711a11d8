// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>
#include <unordered_map>
#include <variant>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

// Keys and values as three lists each, of which one is given.
struct Lists {
  std::vector<std::string> texts;
  std::vector<std::int64_t> integers;
  std::vector<float> numbers;
  std::size_t size() const { return texts.size() + integers.size() + numbers.size(); }
};

struct Encoder {
  Lists keys, values;
  std::unordered_map<std::string, std::size_t> by_text;
  std::unordered_map<std::int64_t, std::size_t> by_integer;
  std::unordered_map<std::uint32_t, std::size_t> by_number;  // bits; all NaN are one key
  std::string default_text = "_Unused";
  std::int64_t default_integer = -1;
  float default_number = -0.0F;
  bool both_ways = false;  // texts become integers and integers texts
};

std::uint32_t bits_of(float x) {
  if (std::isnan(x)) return 0x7FC00000U;
  return std::bit_cast<std::uint32_t>(x == 0 ? 0.0F : x);
}

// From a list of the attributes, or, as version 4 allows, from a tensor.
Result<Lists> lists_of(const OpCall& call, const std::string& what) {
  const Tensor* tensor = call.tensor(what + "_tensor");
  if (tensor == nullptr) {
    return Lists{call.texts(what + "_strings"), call.integers(what + "_int64s"),
                 call.numbers(what + "_floats")};
  }
  Lists lists;
  const auto take = [&]<class T>(std::vector<T>& into) {
    into.assign(tensor->data<T>().begin(), tensor->data<T>().end());
  };
  switch (tensor->type()) {
    case ElementType::kString: take(lists.texts); break;
    case ElementType::kInt64: take(lists.integers); break;
    case ElementType::kFloat32: take(lists.numbers); break;
    default: return bad_element_type(call, tensor->type(), "string, int64 or float32 tables");
  }
  return lists;
}

// Version 1: texts and their places in one list, both ways.
std::shared_ptr<Encoder> from_classes(const OpCall& call) {
  auto e = std::make_shared<Encoder>();
  const auto classes = call.texts("classes_strings");
  for (std::size_t i = 0; i < classes.size(); ++i) {
    e->by_text.emplace(classes[i], i);
    e->by_integer.emplace(static_cast<std::int64_t>(i), i);
    e->keys.integers.push_back(static_cast<std::int64_t>(i));
  }
  e->keys.texts = e->values.texts = classes;
  e->values.integers = e->keys.integers;
  e->both_ways = true;
  return e;
}

void read_defaults(const OpCall& call, Encoder& e) {
  e.default_text = call.text("default_string", e.default_text);
  e.default_integer = call.integer("default_int64", e.default_integer);
  e.default_number = call.number("default_float", e.default_number);
  const Tensor* tensor = call.tensor("default_tensor");
  if (tensor == nullptr || tensor->count() != 1) return;
  if (tensor->is_string()) e.default_text = tensor->data<std::string>()[0];
  if (tensor->type() == ElementType::kInt64) e.default_integer = tensor->data<std::int64_t>()[0];
  if (tensor->type() == ElementType::kFloat32) e.default_number = tensor->data<float>()[0];
}

Result<std::shared_ptr<const void>> prepare(const OpCall& call) {
  auto e = std::make_shared<Encoder>();
  if (call.find("classes_strings") != nullptr) {
    e = from_classes(call);
    read_defaults(call, *e);
    return std::shared_ptr<const void>(std::move(e));
  }
  TENBIN_TRY(e->keys, lists_of(call, "keys"));
  TENBIN_TRY(e->values, lists_of(call, "values"));
  if (e->keys.size() == 0 || e->keys.size() != e->values.size()) {
    return Error(ErrorCode::kBadModel,
                 "LabelEncoder has " + std::to_string(e->keys.size()) + " keys and " +
                     std::to_string(e->values.size()) + " values",
                 "node '" + call.name + "'");
  }
  for (std::size_t i = 0; i < e->keys.texts.size(); ++i) e->by_text.emplace(e->keys.texts[i], i);
  for (std::size_t i = 0; i < e->keys.integers.size(); ++i) {
    e->by_integer.emplace(e->keys.integers[i], i);
  }
  for (std::size_t i = 0; i < e->keys.numbers.size(); ++i) {
    e->by_number.emplace(bits_of(e->keys.numbers[i]), i);
  }
  read_defaults(call, *e);
  return std::shared_ptr<const void>(std::move(e));
}

// Calls put(i, place among the keys, or npos) for each element.
template <class T, class Map, class Key, class Put>
void look_up(const Tensor& in, const Map& map, Key&& key, Put&& put) {
  const auto from = in.data<T>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto found = map.find(key(from[i]));
    put(i, found == map.end() ? std::string::npos : found->second);
  }
}

template <class Put>
Status each(const OpCall& call, const Encoder& e, const Tensor& in, Put&& put) {
  const auto same = [](const auto& x) -> decltype(auto) { return x; };
  if (in.type() == ElementType::kString && !e.keys.texts.empty()) {
    look_up<std::string>(in, e.by_text, same, put);
  } else if (in.type() == ElementType::kInt64 && !e.keys.integers.empty()) {
    look_up<std::int64_t>(in, e.by_integer, same, put);
  } else if (in.type() == ElementType::kFloat32 && !e.keys.numbers.empty()) {
    look_up<float>(in, e.by_number, bits_of, put);
  } else {
    return bad_element_type(call, in.type(), "the type of its keys");
  }
  return {};
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void* prepared) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const auto& e = *static_cast<const Encoder*>(prepared);
  const Tensor& in = *inputs[0];
  constexpr std::size_t kNone = std::string::npos;
  if (!e.values.integers.empty() && (!e.both_ways || in.is_string())) {
    Tensor out(ElementType::kInt64, in.shape());
    auto to = out.data<std::int64_t>();
    TENBIN_CHECK(each(call, e, in, [&](std::size_t i, std::size_t at) {
      to[i] = at == kNone ? e.default_integer : e.values.integers[at];
    }));
    return one(std::move(out));
  }
  if (!e.values.numbers.empty()) {
    Tensor out(ElementType::kFloat32, in.shape());
    auto to = out.data<float>();
    TENBIN_CHECK(each(call, e, in, [&](std::size_t i, std::size_t at) {
      to[i] = at == kNone ? e.default_number : e.values.numbers[at];
    }));
    return one(std::move(out));
  }
  Tensor out(ElementType::kString, in.shape());
  auto to = out.data<std::string>();
  TENBIN_CHECK(each(call, e, in, [&](std::size_t i, std::size_t at) {
    to[i] = at == kNone ? e.default_text : e.values.texts[at];
  }));
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  Attributes attributes;
  attributes["keys_strings"] = std::vector<std::string>{"a", "b"};
  attributes["values_int64s"] = std::vector<std::int64_t>{7, 8};
  attributes["default_int64"] = std::int64_t{-5};
  const Attributes numbers = {{"keys_floats", std::vector<float>{1, 2.5F}},
                              {"values_strings", std::vector<std::string>{"one", "more"}},
                              {"default_string", std::string("none")}};
  return {{"an unknown key gives the default",
           op_call("LabelEncoder", 1, attributes, "ai.onnx.ml"),
           {Tensor::strings({3, 1}, {"b", "zzz", "a"})},
           {},
           false},
          {"numbers to texts",
           op_call("LabelEncoder", 1, numbers, "ai.onnx.ml"),
           {Tensor::of<float>({3}, {2.5F, 1, 0})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_label_encoder() {
  static const OpEntry entry{"ai.onnx.ml", {"LabelEncoder"}, "A value for each key, by a table.",
                             compute,      prepare,          probes};
  return entry;
}

}  // namespace tenbin
