// SPDX-License-Identifier: Apache-2.0
#include "http/grpc/grpc_infer.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "http/grpc/inference.pb.h"
#include "http/oip_tensors.h"

namespace tenbin {
namespace {

using inference::InferParameter;
using InputTensor = inference::ModelInferRequest::InferInputTensor;

Error bad(std::string what, std::string where = {}) {
  return Error(ErrorCode::kBadRequest, std::move(what), std::move(where));
}

std::string place(int index) { return "inputs[" + std::to_string(index) + "]"; }

// Values of a typed field as elements of another type, each within its range.
template <class T, class Values>
Result<Tensor> tensor_of(std::string_view name, const Shape& shape, const Values& values) {
  TENBIN_TRY(Tensor tensor, tensor_of_shape(name, kElementOf<T>, shape, values.size()));
  if (tensor.count() != values.size()) {
    return bad("tensor '" + std::string(name) + "' has " + std::to_string(values.size()) +
               " elements, expected " + std::to_string(tensor.count()) + " of shape " +
               to_text(shape));
  }
  const std::span<T> out = tensor.data<T>();
  for (int i = 0; i < values.size(); ++i) {
    const auto& value = values.Get(i);
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      if (!std::in_range<T>(value)) {
        return bad("tensor '" + std::string(name) + "' holds " + std::to_string(value) +
                   ", which is out of its type's range");
      }
    }
    out[static_cast<std::size_t>(i)] = static_cast<T>(value);
  }
  return tensor;
}

Result<Tensor> typed_tensor(const InputTensor& input, ElementType type, const Shape& shape) {
  const auto& c = input.contents();
  const std::string& name = input.name();
  switch (type) {
    case ElementType::kBool: return tensor_of<bool>(name, shape, c.bool_contents());
    case ElementType::kInt8: return tensor_of<std::int8_t>(name, shape, c.int_contents());
    case ElementType::kInt16: return tensor_of<std::int16_t>(name, shape, c.int_contents());
    case ElementType::kInt32: return tensor_of<std::int32_t>(name, shape, c.int_contents());
    case ElementType::kInt64: return tensor_of<std::int64_t>(name, shape, c.int64_contents());
    case ElementType::kUint8: return tensor_of<std::uint8_t>(name, shape, c.uint_contents());
    case ElementType::kUint16: return tensor_of<std::uint16_t>(name, shape, c.uint_contents());
    case ElementType::kUint32: return tensor_of<std::uint32_t>(name, shape, c.uint_contents());
    case ElementType::kUint64: return tensor_of<std::uint64_t>(name, shape, c.uint64_contents());
    case ElementType::kFloat32: return tensor_of<float>(name, shape, c.fp32_contents());
    case ElementType::kFloat64: return tensor_of<double>(name, shape, c.fp64_contents());
    case ElementType::kString: return tensor_of<std::string>(name, shape, c.bytes_contents());
    default: break;
  }
  return bad("tensor '" + name + "' is " + input.datatype() +
             ", which has no typed contents: send it in raw_input_contents");
}

Status read_input(const inference::ModelInferRequest& message, int index, InferRequest& request) {
  const InputTensor& input = message.inputs(index);
  const auto type = oip_type(input.datatype());
  if (!type) {
    return bad("datatype '" + input.datatype() + "' is not known: " + oip_types(), place(index));
  }
  const Shape shape(input.shape().begin(), input.shape().end());
  const bool raw = message.raw_input_contents_size() > 0;
  if (raw && input.has_contents()) {
    return bad("both contents and raw_input_contents are set", place(index));
  }
  auto tensor =
      raw ? tensor_from_bytes(input.name(), *type, shape, message.raw_input_contents(index))
          : typed_tensor(input, *type, shape);
  if (!tensor.ok()) return Error(tensor.error()).at(place(index));
  request.inputs.push_back({input.name(), std::move(*tensor)});
  return {};
}

std::optional<std::int64_t> whole(const InferParameter& parameter) {
  if (parameter.has_int64_param()) return parameter.int64_param();
  if (parameter.has_uint64_param() && std::in_range<std::int64_t>(parameter.uint64_param())) {
    return static_cast<std::int64_t>(parameter.uint64_param());
  }
  return std::nullopt;
}

Status read_parameters(const inference::ModelInferRequest& message, GrpcInfer& out) {
  for (const auto& [name, parameter] : message.parameters()) {
    if (name == "tenbin_report") {
      out.wishes.report = parameter.bool_param();
    } else if (name == "priority" || name == "timeout") {
      const auto value = whole(parameter);
      if (!value || *value < 0) return bad("parameter '" + name + "' is not a whole number");
      if (name == "priority") {
        out.request.priority = static_cast<int>(std::min<std::int64_t>(*value, 1000));
      } else if (*value > 0) {
        out.timeout = std::chrono::microseconds(std::min<std::int64_t>(*value, 1'000'000'000'000));
      }
    } else if (name == "sequence_id" || name == "sequence_start" || name == "sequence_end") {
      const bool unset = whole(parameter).value_or(0) == 0 && !parameter.bool_param() &&
                         parameter.string_param().empty();
      if (unset) continue;  // clients send them all, unset
      return Error(ErrorCode::kNotOffered, "sequences (parameter '" + name + "') are not offered");
    }
  }
  return {};
}

template <class T, class Field> void add_all(const Tensor& tensor, Field& field) {
  const auto values = tensor.data<T>();
  field.Reserve(static_cast<int>(values.size()));
  for (const T& value : values) {
    if constexpr (std::is_same_v<T, std::string>) {
      *field.Add() = value;
    } else {
      field.Add(value);
    }
  }
}

bool has_typed_form(ElementType type) {
  return type != ElementType::kFloat16 && type != ElementType::kBfloat16;
}

void write_typed(const Tensor& tensor, inference::InferTensorContents& c) {
  switch (tensor.type()) {
    case ElementType::kBool: return add_all<bool>(tensor, *c.mutable_bool_contents());
    case ElementType::kInt8: return add_all<std::int8_t>(tensor, *c.mutable_int_contents());
    case ElementType::kInt16: return add_all<std::int16_t>(tensor, *c.mutable_int_contents());
    case ElementType::kInt32: return add_all<std::int32_t>(tensor, *c.mutable_int_contents());
    case ElementType::kInt64: return add_all<std::int64_t>(tensor, *c.mutable_int64_contents());
    case ElementType::kUint8: return add_all<std::uint8_t>(tensor, *c.mutable_uint_contents());
    case ElementType::kUint16: return add_all<std::uint16_t>(tensor, *c.mutable_uint_contents());
    case ElementType::kUint32: return add_all<std::uint32_t>(tensor, *c.mutable_uint_contents());
    case ElementType::kUint64: return add_all<std::uint64_t>(tensor, *c.mutable_uint64_contents());
    case ElementType::kFloat32: return add_all<float>(tensor, *c.mutable_fp32_contents());
    case ElementType::kFloat64: return add_all<double>(tensor, *c.mutable_fp64_contents());
    case ElementType::kString: return add_all<std::string>(tensor, *c.mutable_bytes_contents());
    default: return;
  }
}

void write_report(const InferAnswer& answer, inference::ModelInferResponse& message) {
  auto& parameters = *message.mutable_parameters();
  parameters["tenbin_batch_rows"].set_int64_param(answer.batch_rows);
  parameters["tenbin_variant"].set_string_param(answer.variant);
  if (!answer.cost) return;
  parameters["tenbin_energy_joules"].set_double_param(in_joules(answer.cost->energy));
  parameters["tenbin_energy_low_joules"].set_double_param(in_joules(answer.cost->low));
  parameters["tenbin_energy_high_joules"].set_double_param(in_joules(answer.cost->high));
  parameters["tenbin_energy_provenance"].set_string_param(
      std::string(provenance_name(answer.cost->provenance)));
  parameters["tenbin_cost"].set_double_param(answer.cost->money);
  parameters["tenbin_currency"].set_string_param(std::string(answer.cost->currency.text()));
}

}  // namespace

Result<GrpcInfer> read_grpc_infer(inference::ModelInferRequest& message) {
  GrpcInfer out;
  out.request.model = message.model_name();
  out.request.version = message.model_version();
  out.wishes.id = message.id();
  const int inputs = message.inputs_size();
  if (inputs > static_cast<int>(limits::kRequestTensors) ||
      message.outputs_size() > static_cast<int>(limits::kRequestTensors)) {
    return bad("more than " + std::to_string(limits::kRequestTensors) + " tensors");
  }
  const int raw = message.raw_input_contents_size();
  if (raw != 0 && raw != inputs) {
    return bad("raw_input_contents has " + std::to_string(raw) + " entries, expected " +
               std::to_string(inputs) + ", one an input");
  }
  out.wishes.raw = raw > 0;
  TENBIN_CHECK(read_parameters(message, out));
  for (int i = 0; i < inputs; ++i) TENBIN_CHECK(read_input(message, i, out.request));
  for (const auto& output : message.outputs()) {
    if (output.parameters().contains("classification")) {
      return Error(ErrorCode::kNotOffered, "'classification' is not offered", "outputs");
    }
    out.request.wanted.push_back(output.name());
  }
  return out;
}

void write_grpc_infer(const InferAnswer& answer, const GrpcWishes& wishes,
                      inference::ModelInferResponse& message) {
  message.set_model_name(answer.model);
  message.set_model_version(answer.version);
  message.set_id(wishes.id);
  if (wishes.report) write_report(answer, message);
  const bool typed = !wishes.raw && std::all_of(answer.outputs.begin(), answer.outputs.end(),
                                                [](const NamedTensor& output) {
                                                  return has_typed_form(output.tensor.type());
                                                });
  for (const NamedTensor& output : answer.outputs) {
    auto& tensor = *message.add_outputs();
    tensor.set_name(output.name);
    tensor.set_datatype(std::string(oip_name(output.tensor.type())));
    for (const std::int64_t size : output.tensor.shape()) tensor.add_shape(size);
    if (typed) {
      write_typed(output.tensor, *tensor.mutable_contents());
    } else {
      append_bytes(output.tensor, *message.add_raw_output_contents());
    }
  }
}

}  // namespace tenbin
