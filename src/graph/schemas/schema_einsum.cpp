// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>

#include "graph/schema.h"

namespace tenbin {
namespace {

// Sizes of letters; none when the equation uses more than plain letters and an arrow.
std::optional<std::map<char, std::int64_t>> sizes_of(const InferCall& call,
                                                     const std::string& left) {
  std::map<char, std::int64_t> sizes;
  std::size_t operand = 0, dimension = 0;
  for (const char c : left) {
    if (c == ' ') continue;
    if (c == ',') {
      ++operand;
      dimension = 0;
      continue;
    }
    const Shape* shape = call.shape(operand);
    if (c == '.' || shape == nullptr || dimension >= shape->size()) return std::nullopt;
    const std::int64_t size = (*shape)[dimension++];
    const auto [at, fresh] = sizes.emplace(c, size);
    if (!fresh && (at->second == 1 || at->second == -1)) at->second = std::max(at->second, size);
  }
  return sizes;
}

Status infer_einsum(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const std::string equation = call.call.text("equation", "");
  const std::size_t arrow = equation.find("->");
  if (arrow == std::string::npos) return {};
  const auto sizes = sizes_of(call, equation.substr(0, arrow));
  if (!sizes) return {};
  Shape out;
  for (const char c : equation.substr(arrow + 2)) {
    if (c == ' ') continue;
    const auto found = sizes->find(c);
    if (found == sizes->end()) {
      return call.bad_shape("'" + std::string(1, c) + "' of the result is in no operand");
    }
    out.push_back(found->second);
  }
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_det(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  if (src->size() < 2) return call.bad_shape(to_text(*src) + " is no matrix");
  call.set(0, call.type(0), Shape(src->begin(), src->end() - 2));
  return {};
}

}  // namespace

const SchemaFamily& schema_einsum();
const SchemaFamily& schema_einsum() {
  static const SchemaFamily family{
      "einsum",
      {{"", {"Einsum"}, "Sums of products.", infer_einsum, nullptr, {}, {}},
       {"", {"Det"}, "Determinants of matrices.", infer_det, nullptr, {}, {}}}};
  return family;
}

}  // namespace tenbin
