// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "base/nearest_name.h"
#include "data/time_text.h"
#include "data/transforms/features.h"
#include "data/transforms/words.h"

namespace tenbin {
namespace {

using Rows = std::span<const std::int64_t>;

Error mismatch(const Column& column, const char* expected, const std::string& found) {
  return Error(ErrorCode::kInputMismatch,
               "column '" + column.name + "' holds '" + found + "': expected " + expected);
}

std::string_view raw_text(const Column& column, std::size_t row) {
  if (column.type == ColumnType::kText) return column.texts[row];
  const std::int32_t code = column.codes[row];
  return code < 0 ? std::string_view() : column.dictionary[static_cast<std::size_t>(code)];
}

Result<Tensor> numbers(const Column& column, Rows rows) {
  Tensor out(ElementType::kFloat32, {static_cast<std::int64_t>(rows.size()), 1});
  float* dst = out.data<float>().data();
  switch (column.type) {
    case ColumnType::kNumber:
    case ColumnType::kBoolean:
      for (const std::int64_t row : rows) {
        *dst++ = static_cast<float>(column.numbers[static_cast<std::size_t>(row)]);
      }
      return out;
    case ColumnType::kCategory:
    case ColumnType::kText:
      for (const std::int64_t row : rows) {
        const std::string_view text = raw_text(column, static_cast<std::size_t>(row));
        const auto value =
            text.empty() ? std::numeric_limits<double>::quiet_NaN() : parse_cell_number(text);
        if (!value) return mismatch(column, "a number", std::string(text));
        *dst++ = static_cast<float>(*value);
      }
      return out;
    default: return mismatch(column, "numbers", column_type_name(column.type));
  }
}

Result<Tensor> instants(const Column& column, Rows rows) {
  constexpr std::int64_t kMissing = std::numeric_limits<std::int64_t>::min();
  Tensor out(ElementType::kInt64, {static_cast<std::int64_t>(rows.size()), 1});
  std::int64_t* dst = out.data<std::int64_t>().data();
  for (const std::int64_t row : rows) {
    if (column.type == ColumnType::kTime) {
      *dst++ = column.times[static_cast<std::size_t>(row)];
    } else if (column.missing(row)) {
      *dst++ = kMissing;
    } else {
      return mismatch(column, "an instant such as 2021-03-04 05:06:07", column.text_at(row));
    }
  }
  return out;
}

Result<Tensor> texts(const Column& column, Rows rows) {
  if (column.type == ColumnType::kImage) return mismatch(column, "text", "images");
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (const std::int64_t row : rows) {
    const auto i = static_cast<std::size_t>(row);
    if (column.type == ColumnType::kCategory) {
      out.emplace_back(raw_text(column, i));
    } else if (column.type == ColumnType::kText) {
      out.push_back(with_blanks(column.texts[i]));
    } else {
      out.push_back(column.text_at(row));
    }
  }
  return Tensor::strings({static_cast<std::int64_t>(rows.size()), 1}, std::move(out));
}

Result<Tensor> images(const Column& column, const Shape& expected, Rows rows) {
  if (column.type != ColumnType::kImage || !column.images.defined()) {
    return mismatch(column, "images", column_type_name(column.type));
  }
  Shape shape = column.images.shape();
  if (expected.size() != shape.size() ||
      !std::equal(shape.begin() + 1, shape.end(), expected.begin() + 1)) {
    return Error(ErrorCode::kInputMismatch, "column '" + column.name + "' holds images " +
                                                to_text(shape) + ": expected " + to_text(expected));
  }
  shape[0] = static_cast<std::int64_t>(rows.size());
  Tensor out(ElementType::kUint8, shape);
  const auto bytes = static_cast<std::size_t>(shape[1] * shape[2] * shape[3]);
  const std::byte* src = column.images.bytes().data();
  std::byte* dst = out.bytes().data();
  for (const std::int64_t row : rows) {
    std::memcpy(dst, src + static_cast<std::size_t>(row) * bytes, bytes);
    dst += bytes;
  }
  return out;
}

Result<Tensor> tensor_of(const Column& column, const ValueInfo& input, Rows rows) {
  switch (input.type) {
    case ElementType::kFloat32: return numbers(column, rows);
    case ElementType::kInt64: return instants(column, rows);
    case ElementType::kString: return texts(column, rows);
    case ElementType::kUint8: return images(column, input.shape, rows);
    default:
      return Error(ErrorCode::kInputMismatch,
                   "input '" + input.name + "' is " + std::string(element_name(input.type)) +
                       ": expected float32, int64, string or uint8 for a column");
  }
}

using ByName = std::unordered_map<std::string_view, const Column*>;

// All missing columns at once, each with the nearest name that is there.
Status check_present(const Table& table, const ByName& by_name, std::span<const ValueInfo> inputs) {
  std::vector<std::string> present;
  for (const Column& column : table.columns) present.push_back(column.name);
  std::vector<std::string> lost;
  for (const ValueInfo& input : inputs) {
    if (by_name.count(input.name) > 0) continue;
    const auto near = nearest_names(input.name, present, 1);
    lost.push_back("'" + input.name + "'" + (near.empty() ? "" : " (is it '" + near[0] + "'?)"));
  }
  if (lost.empty()) return {};
  return Error(ErrorCode::kInputMismatch,
               "missing columns: " + some_of(lost, 10) + "; the data has " + some_of(present, 12));
}

}  // namespace

Result<std::vector<Tensor>> column_tensors(const Table& table, std::span<const ValueInfo> inputs,
                                           std::span<const std::int64_t> rows) {
  ByName by_name;  // the first of columns that share a name, as Table::find()
  for (const Column& column : table.columns) by_name.emplace(column.name, &column);
  TENBIN_CHECK(check_present(table, by_name, inputs));
  std::vector<Tensor> out;
  out.reserve(inputs.size());
  for (const ValueInfo& input : inputs) {
    TENBIN_TRY(Tensor tensor, tensor_of(*by_name.at(input.name), input, rows));
    out.push_back(std::move(tensor));
  }
  return out;
}

Result<std::vector<Tensor>> column_tensors(const Table& table, std::span<const ValueInfo> inputs,
                                           std::int64_t begin, std::int64_t end) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(std::max<std::int64_t>(0, end - begin)));
  std::iota(rows.begin(), rows.end(), begin);
  return column_tensors(table, inputs, std::span<const std::int64_t>(rows));
}

}  // namespace tenbin
