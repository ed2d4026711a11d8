// SPDX-License-Identifier: Apache-2.0
#include "app/profile/model_inputs.h"

#include <algorithm>

#include "base/nearest_name.h"
#include "base/options.h"
#include "platform/random.h"

namespace tenbin {
namespace {

Error bad_shape(const std::string& text) {
  return Error(ErrorCode::kBadValue,
               "'" + text + "' is no shape of an input: expected NAME=1x3x224x224", "--input");
}

Result<Shape> shape_from(const std::string& text, const std::string& whole) {
  Shape out;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find('x', at), text.size());
    const auto size = parse_integer(text.substr(at, end - at));
    if (!size.ok() || *size < 1) return bad_shape(whole);
    out.push_back(*size);
    at = end + 1;
  }
  TENBIN_CHECK(element_count(out));
  return out;
}

Status check_given(const ValueInfo& input, const Shape& given) {
  bool fits = !input.has_shape || given.size() == input.shape.size();
  for (std::size_t d = 0; fits && input.has_shape && d < given.size(); ++d) {
    fits = input.shape[d] < 0 || input.shape[d] == given[d];
  }
  if (fits) return {};
  return Error(ErrorCode::kInputMismatch,
               "shape " + to_text(given) + " does not fit input '" + input.name + "': expected " +
                   to_text(input.shape) + ", where -1 is free",
               "--input");
}

// Fills what is free of one input.
Status bind_one(ValueInfo& input, const Shape* given, std::int64_t batch, BoundInputs& out) {
  if (given != nullptr) TENBIN_CHECK(check_given(input, *given));
  if (!input.has_shape && given == nullptr) {
    return Error(ErrorCode::kMissingArgument, "input '" + input.name + "' declares no shape",
                 "--input", "give it: --input " + input.name + "=1x3x224x224");
  }
  const bool free_rows = input.has_shape && !input.shape.empty() && input.shape[0] < 0;
  if (!input.has_shape) input.shape = *given;
  input.has_shape = true;
  for (std::size_t d = 0; d < input.shape.size(); ++d) {
    if (input.shape[d] >= 0) continue;
    if (d == 0) {
      input.shape[0] = batch;
    } else if (given != nullptr) {
      input.shape[d] = (*given)[d];
    } else {
      input.shape[d] = 1;
      out.notes.push_back("dimension " + std::to_string(d) + " of input '" + input.name +
                          "' is free and taken as 1: --input " + input.name + "=... sets it");
    }
  }
  TENBIN_CHECK(element_count(input.shape));
  if (free_rows) {
    out.fixed = false;
    out.rows = batch;
  }
  return {};
}

template <class T, class Draw> void draw(Tensor& tensor, Draw&& value) {
  for (auto& v : tensor.data<T>()) v = static_cast<T>(value());
}

}  // namespace

Result<std::map<std::string, Shape>> parse_input_shapes(const std::vector<std::string>& texts) {
  std::map<std::string, Shape> out;
  for (const std::string& text : texts) {
    const std::size_t equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0) return bad_shape(text);
    TENBIN_TRY(out[text.substr(0, equals)], shape_from(text.substr(equals + 1), text));
  }
  return out;
}

Result<BoundInputs> bind_inputs(const Graph& graph, const std::map<std::string, Shape>& given,
                                std::int64_t batch) {
  std::vector<std::string> names;
  for (const ValueInfo& input : graph.inputs) names.push_back(input.name);
  for (const auto& [name, shape] : given) {
    if (graph.find_input(name) == nullptr) {
      return Error(ErrorCode::kUnknownOption,
                   "the model has no input '" + name + "': " + one_of(names), "--input");
    }
  }
  BoundInputs out;
  out.inputs = graph.inputs;
  out.fixed = true;
  for (ValueInfo& input : out.inputs) {
    const auto found = given.find(input.name);
    TENBIN_CHECK(bind_one(input, found == given.end() ? nullptr : &found->second, batch, out));
  }
  if (out.fixed && !out.inputs.empty() && !out.inputs[0].shape.empty()) {
    out.rows = out.inputs[0].shape[0];
  }
  return out;
}

Result<std::vector<Tensor>> made_inputs(std::span<const ValueInfo> inputs, std::uint64_t seed) {
  std::vector<Tensor> out;
  for (const ValueInfo& input : inputs) {
    Random random(seed, out.size());
    if (input.kind != ValueKind::kTensor) {
      return Error(ErrorCode::kInputMismatch,
                   "input '" + input.name + "' is no tensor, which cannot be made up");
    }
    if (input.type == ElementType::kString) {
      return Error(ErrorCode::kInputMismatch,
                   "input '" + input.name + "' takes texts, which cannot be made up", "",
                   "give real rows: --data FILE");
    }
    Tensor tensor(input.type, input.shape);
    const auto normal = [&] { return random.normal(); };
    const auto bit = [&] { return random.below(2); };
    switch (input.type) {
      case ElementType::kFloat32: draw<float>(tensor, normal); break;
      case ElementType::kFloat64: draw<double>(tensor, normal); break;
      case ElementType::kUint8:
        draw<std::uint8_t>(tensor, [&] { return random.below(256); });
        break;
      case ElementType::kInt8: draw<std::int8_t>(tensor, bit); break;
      case ElementType::kInt16: draw<std::int16_t>(tensor, bit); break;
      case ElementType::kUint16: draw<std::uint16_t>(tensor, bit); break;
      case ElementType::kInt32: draw<std::int32_t>(tensor, bit); break;
      case ElementType::kUint32: draw<std::uint32_t>(tensor, bit); break;
      case ElementType::kInt64: draw<std::int64_t>(tensor, bit); break;
      case ElementType::kUint64: draw<std::uint64_t>(tensor, bit); break;
      case ElementType::kBool: draw<bool>(tensor, bit); break;
      default: break;  // half floats: zeros
    }
    out.push_back(std::move(tensor));
  }
  return out;
}

}  // namespace tenbin
