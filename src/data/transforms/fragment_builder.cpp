// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/fragment_builder.h"

#include <algorithm>
#include <span>

namespace tenbin {

std::string FragmentBuilder::fresh(const std::string& word) {
  return prefix_ + std::to_string(made_++) + "_" + word;
}

std::string FragmentBuilder::input(const std::string& name, ElementType type, Shape shape) {
  fragment_.inputs.push_back({name, type, std::move(shape), true});
  return name;
}

std::string FragmentBuilder::constant(const std::string& word, Tensor value) {
  std::string name = fresh(word);
  fragment_.constants.emplace(name, std::move(value));
  return name;
}

std::string FragmentBuilder::call(const std::string& op, std::vector<std::string> inputs,
                                  Attributes attributes, const std::string& domain) {
  OpCall made;
  made.op = op;
  made.domain = domain;
  made.name = fresh(op);
  made.inputs = std::move(inputs);
  made.outputs = {made.name};
  made.attributes = std::move(attributes);
  fragment_.calls.push_back(std::move(made));
  return fragment_.calls.back().outputs[0];
}

std::string FragmentBuilder::split_words(const std::string& text) {
  const std::string words = call("StringSplit", {text});
  fragment_.calls.back().outputs.push_back(fresh("counts"));
  return words;
}

std::string FragmentBuilder::concat(std::vector<std::string> values) {
  if (values.size() == 1) return values[0];
  return call("Concat", std::move(values), {{"axis", std::int64_t{1}}});
}

Fragment FragmentBuilder::done(const std::string& output) {
  fragment_.outputs = {output};
  return std::move(fragment_);
}

Tensor row_of(const std::vector<float>& values) {
  return Tensor::of<float>({1, static_cast<std::int64_t>(values.size())},
                           std::span<const float>(values));
}

Tensor whole(std::int64_t value) { return Tensor::scalar<std::int64_t>(value); }

}  // namespace tenbin
