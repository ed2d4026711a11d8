// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_set>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

std::string cased(std::string text, const std::string& action) {
  for (char& c : text) {  // ASCII alone: the same on every machine, whatever its locale
    if (action == "LOWER" && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (action == "UPPER" && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

Result<std::vector<Tensor>> normalize(const OpCall& call, const Tensor& in) {
  const std::string action = call.text("case_change_action", "NONE");
  const bool sensitive = call.integer("is_case_sensitive", 0) != 0;
  std::unordered_set<std::string> stop;
  for (const auto& word : call.texts("stopwords")) {
    stop.insert(sensitive ? word : cased(word, "LOWER"));
  }
  const std::size_t rank = in.shape().size();
  if (rank == 0 || rank > 2 || (rank == 2 && in.shape()[0] != 1)) {
    return bad_operands(call, "shape " + to_text(in.shape()) + ", expected [n] or [1, n]");
  }
  std::vector<std::string> kept;
  for (const std::string& text : in.data<std::string>()) {
    if (stop.contains(sensitive ? text : cased(text, "LOWER"))) continue;
    kept.push_back(cased(text, action));
  }
  if (kept.empty()) kept.emplace_back();  // the specification asks for one empty string
  const auto count = static_cast<std::int64_t>(kept.size());
  return one(Tensor::strings(rank == 1 ? Shape{count} : Shape{1, count}, std::move(kept)));
}

std::vector<std::string> parts_of(const std::string& text, const std::string& delimiter,
                                  std::int64_t most) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  std::size_t at = 0;
  const auto room = [&] { return most < 0 || static_cast<std::int64_t>(parts.size()) < most; };
  if (!delimiter.empty()) {
    for (std::size_t end; room() && (end = text.find(delimiter, at)) != std::string::npos;) {
      parts.push_back(text.substr(at, end - at));
      at = end + delimiter.size();
    }
    parts.push_back(text.substr(at));
    return parts;
  }
  constexpr const char* kBlank = " \t\n\v\f\r";
  while ((at = text.find_first_not_of(kBlank, at)) != std::string::npos) {
    std::size_t end = room() ? text.find_first_of(kBlank, at) : std::string::npos;
    if (end == std::string::npos) end = text.size();
    parts.push_back(text.substr(at, end - at));
    at = end;
  }
  return parts;
}

Result<std::vector<Tensor>> split(const OpCall& call, const Tensor& in) {
  const std::string delimiter = call.text("delimiter", "");
  const std::int64_t most = call.integer("maxsplit", -1);
  std::vector<std::vector<std::string>> rows;
  std::size_t width = 0;
  for (const std::string& text : in.data<std::string>()) {
    rows.push_back(parts_of(text, delimiter, most));
    width = std::max(width, rows.back().size());
  }
  Shape shape = in.shape();
  shape.push_back(static_cast<std::int64_t>(width));
  TENBIN_CHECK(element_count(shape));
  Tensor words(ElementType::kString, shape);
  Tensor counts(ElementType::kInt64, in.shape());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    counts.data<std::int64_t>()[i] = static_cast<std::int64_t>(rows[i].size());
    std::move(rows[i].begin(), rows[i].end(),
              words.data<std::string>().begin() + static_cast<std::ptrdiff_t>(i * width));
  }
  std::vector<Tensor> out;
  out.push_back(std::move(words));
  out.push_back(std::move(counts));
  return out;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  if (!inputs[0]->is_string()) return bad_element_type(call, inputs[0]->type(), "string");
  return call.op == "StringSplit" ? split(call, *inputs[0]) : normalize(call, *inputs[0]);
}

std::vector<OpProbe> probes() {
  return {{"lower case",
           op_call("StringNormalizer", 1,
                   {{"case_change_action", std::string("LOWER")}, {"locale", std::string("C")}}),
           {Tensor::strings({2}, {"Hello", "WORLD"})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_text() {
  static const OpEntry entry{"",
                             {"StringNormalizer", "StringSplit"},
                             "Case of texts, and their words.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
