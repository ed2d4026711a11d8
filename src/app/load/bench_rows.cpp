// SPDX-License-Identifier: Apache-2.0
#include "app/load/bench_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "app/serve/rows.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostBytes = 256u << 20;  // [B] of all bodies

// The types that rows can have, as the protocol calls them.
struct RowType {
  std::string_view name;
  ElementType type;
};
constexpr std::array kRowTypes = {
    RowType{"FP32", ElementType::kFloat32},  RowType{"FP64", ElementType::kFloat64},
    RowType{"BYTES", ElementType::kString},  RowType{"INT64", ElementType::kInt64},
    RowType{"INT32", ElementType::kInt32},   RowType{"INT16", ElementType::kInt16},
    RowType{"INT8", ElementType::kInt8},     RowType{"UINT8", ElementType::kUint8},
    RowType{"UINT16", ElementType::kUint16}, RowType{"UINT32", ElementType::kUint32}};

std::string_view name_of(ElementType type) {
  for (const RowType& at : kRowTypes) {
    if (at.type == type) return at.name;
  }
  return {};
}

// Runs `f` on the elements, which are of one of those types.
template <class F> void with_elements(const Tensor& tensor, F&& f) {
  switch (tensor.type()) {
    case ElementType::kFloat32: return f(tensor.data<float>());
    case ElementType::kFloat64: return f(tensor.data<double>());
    case ElementType::kString: return f(tensor.data<std::string>());
    case ElementType::kInt64: return f(tensor.data<std::int64_t>());
    case ElementType::kInt32: return f(tensor.data<std::int32_t>());
    case ElementType::kInt16: return f(tensor.data<std::int16_t>());
    case ElementType::kInt8: return f(tensor.data<std::int8_t>());
    case ElementType::kUint8: return f(tensor.data<std::uint8_t>());
    case ElementType::kUint16: return f(tensor.data<std::uint16_t>());
    case ElementType::kUint32: return f(tensor.data<std::uint32_t>());
    default: return;
  }
}

void append_element(const std::string& text, std::string& out) { out += Json(text).dump(); }
template <class T> void append_element(T number, std::string& out) {
  std::array<char, 32> text{};
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
}

// Little-endian; texts with their lengths before them.
std::string binary_of(const Tensor& tensor) {
  std::string out;
  with_elements(tensor, [&]<class T>(std::span<const T> values) {
    for (const T& value : values) {
      if constexpr (std::is_same_v<T, std::string>) {
        const auto length = static_cast<std::uint32_t>(value.size());
        out.append(reinterpret_cast<const char*>(&length), sizeof length);
        out += value;
      } else {
        out.append(reinterpret_cast<const char*>(&value), sizeof value);
      }
    }
  });
  return out;
}

// Error kInputMismatch: a number is missing.
Status append_json_of(const NamedTensor& input, std::string& out) {
  bool missing = false;
  with_elements(input.tensor, [&]<class T>(std::span<const T> values) {
    for (const T& value : values) {
      if (&value != values.data()) out += ',';
      if constexpr (std::is_floating_point_v<T>) missing = missing || !std::isfinite(value);
      append_element(value, out);
    }
  });
  if (!missing) return {};
  return Error(ErrorCode::kInputMismatch,
               "a value of '" + input.name + "' is missing, for which JSON has no number", "",
               "send binary tensors: --binary");
}

// The error, and in which piece of the rows it is.
Error placed(const Error& e, std::int64_t first) {
  const std::string place = "rows from " + std::to_string(first) + " on";
  return Error(e.code(), e.message(), e.where().empty() ? place : place + ", " + e.where(),
               e.hint());
}

// The first record, with the line ends that are in its quotes and that at its end.
std::string_view first_record(std::string_view csv) {
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    if (csv[i] == '"') quoted = !quoted;
    if (csv[i] == '\n' && !quoted) return csv.substr(0, i + 1);
  }
  return csv;
}

bool is_blank(std::string_view record) {
  return record.find_first_not_of("\r\n") == std::string_view::npos;
}

Result<std::vector<ValueInfo>> inputs_of(const Json& model) {
  std::vector<ValueInfo> out;
  for (const Json& input : model["inputs"].items()) {
    ValueInfo value;
    value.name = input["name"].as_string();
    const std::string datatype = input["datatype"].as_string();
    const auto type = std::find_if(kRowTypes.begin(), kRowTypes.end(),
                                   [&](const RowType& at) { return at.name == datatype; });
    if (type == kRowTypes.end()) {
      return Error(ErrorCode::kNotOffered,
                   "input '" + value.name + "' of type '" + datatype + "' cannot come as rows",
                   "metadata", "give a whole body with --input");
    }
    value.type = type->type;
    for (const Json& size : input["shape"].items()) value.shape.push_back(size.as_integer(-1));
    // As many rows as are sent: the server says it if it takes only one.
    if (!value.shape.empty()) value.shape[0] = -1;
    out.push_back(std::move(value));
  }
  if (out.empty()) return Error(ErrorCode::kBadModel, "the model has no inputs", "metadata");
  return out;
}

Result<BenchBody> body_of(const std::vector<NamedTensor>& inputs, bool binary) {
  BenchBody body;
  body.json = binary ? R"({"parameters":{"binary_data_output":true},"inputs":[)" : R"({"inputs":[)";
  for (const NamedTensor& input : inputs) {
    const auto& [name, tensor] = input;
    if (body.json.back() != '[') body.json += ',';
    body.json += "{\"name\":" + Json(name).dump() + ",\"datatype\":\"" +
                 std::string(name_of(tensor.type())) + "\",\"shape\":[";
    for (std::size_t i = 0; i < tensor.shape().size(); ++i) {
      body.json += (i > 0 ? "," : "") + std::to_string(tensor.shape()[i]);
    }
    if (binary) {
      const std::string bytes = binary_of(tensor);
      body.json += "],\"parameters\":{\"binary_data_size\":" + std::to_string(bytes.size()) + "}}";
      body.bytes += bytes;
      continue;
    }
    body.json += "],\"data\":[";
    TENBIN_CHECK(append_json_of(input, body.json));
    body.json += "]}";
  }
  body.json += "]}";
  return body;
}

}  // namespace

Result<std::vector<BenchBody>> bodies_of_rows(std::string_view csv, const Json& model,
                                              std::int64_t rows, bool binary) {
  TENBIN_TRY(const std::vector<ValueInfo> inputs, inputs_of(model));
  const std::string_view header = first_record(csv);
  csv.remove_prefix(header.size());
  std::vector<BenchBody> out;
  std::size_t bytes = 0;
  std::int64_t first = 1, gathered = 0;
  for (std::string piece(header); !csv.empty() && bytes < kMostBytes;) {
    const std::string_view record = first_record(csv);
    csv.remove_prefix(record.size());
    if (is_blank(record)) continue;
    piece += record;
    if (++gathered < rows) continue;
    auto tensors = tensors_of_rows(piece, RowsForm::kCsv, inputs);
    if (!tensors.ok()) return placed(tensors.error(), first);
    auto body = body_of(*tensors, binary);
    if (!body.ok()) return placed(body.error(), first);
    bytes += body->json.size() + body->bytes.size();
    out.push_back(std::move(*body));
    first += gathered;
    gathered = 0;
    piece = header;
  }
  if (!out.empty()) return out;
  return Error(ErrorCode::kBadValue,
               "found " + std::to_string(gathered) + " rows of data, expected at least " +
                   std::to_string(rows),
               "--rows", "send fewer rows in a request");
}

}  // namespace tenbin
