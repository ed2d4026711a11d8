// SPDX-License-Identifier: Apache-2.0
#include "data/table.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "data/time_text.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMissingTime = std::numeric_limits<std::int64_t>::min();

template <class T>
std::vector<T> take_from(const std::vector<T>& from, const std::vector<std::int64_t>& indices) {
  std::vector<T> out;
  if (from.empty()) return out;
  out.reserve(indices.size());
  for (const std::int64_t i : indices) out.push_back(from[static_cast<std::size_t>(i)]);
  return out;
}

Tensor take_images(const Tensor& from, const std::vector<std::int64_t>& indices) {
  if (!from.defined() || from.shape().empty()) return {};
  Shape shape = from.shape();
  const auto rows = static_cast<std::size_t>(shape[0]);
  shape[0] = static_cast<std::int64_t>(indices.size());
  Tensor out(from.type(), shape);
  if (rows == 0) return out;
  const std::size_t row_bytes = from.byte_size() / rows;
  std::byte* dst = out.bytes().data();
  for (const std::int64_t i : indices) {
    std::memcpy(dst, from.bytes().data() + static_cast<std::size_t>(i) * row_bytes, row_bytes);
    dst += row_bytes;
  }
  return out;
}

}  // namespace

const char* column_type_name(ColumnType type) {
  switch (type) {
    case ColumnType::kNumber: return "number";
    case ColumnType::kBoolean: return "boolean";
    case ColumnType::kCategory: return "category";
    case ColumnType::kText: return "text";
    case ColumnType::kTime: return "time";
    case ColumnType::kImage: return "image";
  }
  return "unknown";
}

std::int64_t Column::rows() const {
  switch (type) {
    case ColumnType::kNumber:
    case ColumnType::kBoolean: return static_cast<std::int64_t>(numbers.size());
    case ColumnType::kCategory: return static_cast<std::int64_t>(codes.size());
    case ColumnType::kText: return static_cast<std::int64_t>(texts.size());
    case ColumnType::kTime: return static_cast<std::int64_t>(times.size());
    case ColumnType::kImage:
      return images.defined() && !images.shape().empty() ? images.shape()[0] : 0;
  }
  return 0;
}

bool Column::missing(std::int64_t row) const {
  const auto i = static_cast<std::size_t>(row);
  switch (type) {
    case ColumnType::kNumber:
    case ColumnType::kBoolean: return std::isnan(numbers[i]);
    case ColumnType::kCategory: return codes[i] < 0;
    case ColumnType::kText: return texts[i].empty();
    case ColumnType::kTime: return times[i] == kMissingTime;
    case ColumnType::kImage: return false;
  }
  return true;
}

std::string Column::text_at(std::int64_t row) const {
  if (missing(row)) return {};
  const auto i = static_cast<std::size_t>(row);
  switch (type) {
    case ColumnType::kNumber: return number_text(numbers[i]);
    case ColumnType::kBoolean: return numbers[i] != 0 ? "true" : "false";
    case ColumnType::kCategory: return dictionary[static_cast<std::size_t>(codes[i])];
    case ColumnType::kText: return texts[i];
    case ColumnType::kTime: return time_text(times[i]);
    case ColumnType::kImage: return "image " + std::to_string(row);
  }
  return {};
}

const Column* Table::find(const std::string& name) const {
  const auto it =
      std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  return it == columns.end() ? nullptr : &*it;
}

Table Table::take(const std::vector<std::int64_t>& indices) const {
  Table out;
  out.rows = static_cast<std::int64_t>(indices.size());
  out.columns.reserve(columns.size());
  for (const Column& from : columns) {
    Column column;
    column.name = from.name;
    column.type = from.type;
    column.integral = from.integral;
    column.why = from.why;
    column.dictionary = from.dictionary;
    column.numbers = take_from(from.numbers, indices);
    column.times = take_from(from.times, indices);
    column.codes = take_from(from.codes, indices);
    column.texts = take_from(from.texts, indices);
    column.images = take_images(from.images, indices);
    out.columns.push_back(std::move(column));
  }
  return out;
}

}  // namespace tenbin
