// SPDX-License-Identifier: Apache-2.0
#include "app/model_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/json.h"
#include "base/nearest_name.h"
#include "data/time_text.h"
#include "data/transforms/features.h"

namespace tenbin {
namespace {

using Rows = std::span<const std::int64_t>;

ColumnType type_named(const std::string& name, ElementType element) {
  for (const ColumnType type : {ColumnType::kNumber, ColumnType::kBoolean, ColumnType::kCategory,
                                ColumnType::kText, ColumnType::kTime, ColumnType::kImage}) {
    if (name == column_type_name(type)) return type;
  }
  return element == ElementType::kString ? ColumnType::kText : ColumnType::kNumber;
}

std::vector<ExpectedColumn> expected_of(const Model& model, const Json& recipe) {
  std::vector<ExpectedColumn> out;
  for (const ValueInfo& input : model.graph.inputs) {
    ExpectedColumn column;
    column.name = input.name;
    std::string type;
    for (const Json& known : recipe["columns"].items()) {
      if (known["name"].as_string() != input.name) continue;
      type = known["type"].as_string();
      for (const Json& value : known["values"].items()) {
        column.dictionary.push_back(value.as_string());
      }
    }
    column.type = type_named(type, input.type);
    if (input.shape.size() == 4) {
      column.type = ColumnType::kImage;
      column.height = input.shape[1];
      column.width = input.shape[2];
      column.channels = input.shape[3];
    }
    out.push_back(std::move(column));
  }
  return out;
}

// [N, 1] or bytes of an image, as fit declares a column; then names say all.
bool is_column(const ValueInfo& input) {
  if (input.shape.size() == 2 && input.shape[1] == 1) {
    return input.type == ElementType::kFloat32 || input.type == ElementType::kInt64 ||
           input.type == ElementType::kString;
  }
  return input.shape.size() == 4 && input.type == ElementType::kUint8 && input.shape[3] >= 1 &&
         input.shape[3] <= 4;
}

bool is_image(const ValueInfo& input) { return input.shape.size() == 4; }

// Values of one row of an input; -1: not fixed.
std::int64_t width_of(const ValueInfo& input) {
  std::int64_t out = 1;
  for (std::size_t d = 1; d < input.shape.size(); ++d) {
    if (input.shape[d] < 0) return -1;
    out *= input.shape[d];
  }
  return out;
}

std::string described(const ValueInfo& input) {
  return "input '" + input.name + "' (" + std::string(element_name(input.type)) + " " +
         to_text(input.shape) + ")";
}

bool is_numeric(const Column& column) {
  return column.type == ColumnType::kNumber || column.type == ColumnType::kBoolean;
}

Error mismatch(const ValueInfo& input, const Column& column, const std::string& found) {
  return Error(ErrorCode::kInputMismatch, "column '" + column.name + "' holds '" + found +
                                              "': expected a number for " + described(input));
}

// A cell as a number; NaN for a missing one. Nothing: it is none.
std::optional<double> number_at(const Column& column, std::int64_t row) {
  const auto i = static_cast<std::size_t>(row);
  if (is_numeric(column)) return column.numbers[i];
  if (column.type == ColumnType::kTime) return static_cast<double>(column.times[i]);
  if (column.missing(row)) return std::nan("");
  return parse_cell_number(column.text_at(row));
}

template <class T>
Status fill(Tensor& out, const ValueInfo& input, const std::vector<const Column*>& columns,
            Rows rows) {
  auto to = out.data<T>();
  std::size_t at = 0;
  for (const std::int64_t row : rows) {
    for (const Column* column : columns) {
      const std::optional<double> value = number_at(*column, row);
      if (!value) return mismatch(input, *column, column->text_at(row));
      if constexpr (!std::is_floating_point_v<T>) {
        if (std::isnan(*value)) return mismatch(input, *column, "nothing");
      }
      to[at++] = static_cast<T>(*value);
    }
  }
  return {};
}

Status fill_any(Tensor& out, const ValueInfo& input, const std::vector<const Column*>& columns,
                Rows rows) {
  switch (input.type) {
    case ElementType::kFloat32: return fill<float>(out, input, columns, rows);
    case ElementType::kFloat64: return fill<double>(out, input, columns, rows);
    case ElementType::kInt64: return fill<std::int64_t>(out, input, columns, rows);
    case ElementType::kInt32: return fill<std::int32_t>(out, input, columns, rows);
    case ElementType::kUint8: return fill<std::uint8_t>(out, input, columns, rows);
    case ElementType::kInt8: return fill<std::int8_t>(out, input, columns, rows);
    case ElementType::kBool: return fill<bool>(out, input, columns, rows);
    default:
      return Error(ErrorCode::kInputMismatch,
                   described(input) +
                       " cannot be filled from columns: expected float32, float64, int8, int32, "
                       "int64, uint8, bool or string");
  }
}

std::string names_of(const Table& table, const std::vector<std::size_t>& columns) {
  std::vector<std::string> names;
  for (const std::size_t c : columns) names.push_back(table.columns[c].name);
  if (names.size() > 6) return names.front() + " ... " + names.back();
  return some_of(names);
}

}  // namespace

Status ModelRows::read_by_name(const Model& model, const std::string& path,
                               const ReadOptions& options, FileSystem& files) {
  Json recipe;
  if (const auto found = model.metadata.find("tenbin.recipe"); found != model.metadata.end()) {
    TENBIN_TRY(recipe, Json::parse(found->second));
  }
  by_name_ = true;
  TENBIN_TRY(data_, read_rows_like(files, path, expected_of(model, recipe), options));
  return {};
}

Result<ModelRows> ModelRows::open(const Model& model, const std::string& path,
                                  const ReadOptions& options, FileSystem& files) {
  ModelRows out;
  const auto& inputs = model.graph.inputs;
  if (model.metadata.contains("tenbin.recipe") ||
      (!inputs.empty() && std::all_of(inputs.begin(), inputs.end(), is_column))) {
    TENBIN_CHECK(out.read_by_name(model, path, options, files));
    return out;
  }
  ReadOptions read = options;
  for (const ValueInfo& input : inputs) {
    if (!is_image(input)) continue;
    const bool first = input.shape[1] >= 1 && input.shape[1] <= 4;
    const auto given = [](int asked, std::int64_t of) {
      return asked > 0 || of < 0 ? asked : static_cast<int>(of);
    };
    read.image_height = given(read.image_height, input.shape[first ? 2 : 1]);
    read.image_width = given(read.image_width, input.shape[first ? 3 : 2]);
    read.image_channels = given(read.image_channels, input.shape[first ? 1 : 3]);
  }
  TENBIN_TRY(out.data_, read_dataset(files, path, read));
  TENBIN_CHECK(out.assign(model));
  return out;
}

// Names first, so that columns in order do not take what another input names.
Status ModelRows::assign(const Model& model) {
  const Table& table = data_.table;
  if (table.rows == 0) return Error(ErrorCode::kEmptyData, "data has no rows", data_.name);
  std::vector<bool> taken(table.columns.size(), false);
  std::vector<const ValueInfo*> open;
  for (const ValueInfo& input : model.graph.inputs) {
    if (!input.has_shape || input.shape.empty()) {
      return Error(ErrorCode::kInputMismatch,
                   described(input) + " has no dimension of rows, so a table cannot fill it");
    }
    const Column* named = width_of(input) == 1 ? table.find(input.name) : nullptr;
    if (named == nullptr) {
      open.push_back(&input);
      continue;
    }
    const auto c = static_cast<std::size_t>(named - table.columns.data());
    taken[c] = true;
    sources_[input.name].columns = {c};
  }
  const bool images = std::any_of(table.columns.begin(), table.columns.end(),
                                  [](const Column& c) { return c.type == ColumnType::kImage; });
  for (const ValueInfo* input : open) {
    if (images || is_image(*input)) {
      TENBIN_CHECK(assign_image(*input));
    } else {
      TENBIN_CHECK(assign_columns(*input, taken));
    }
  }
  std::vector<std::string> unused;
  for (std::size_t c = 0; c < taken.size(); ++c) {
    if (!taken[c] && !images) unused.push_back(table.columns[c].name);
  }
  if (!unused.empty()) data_.notes.push_back("not used by the model: " + some_of(unused));
  return {};
}

Status ModelRows::assign_columns(const ValueInfo& input, std::vector<bool>& taken) {
  const Table& table = data_.table;
  const std::int64_t width = width_of(input);
  Source& source = sources_[input.name];
  std::vector<std::string> texts;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (width >= 0 && static_cast<std::int64_t>(source.columns.size()) == width) break;
    if (taken[c]) continue;
    if (input.type != ElementType::kString && !is_numeric(table.columns[c])) {
      texts.push_back(table.columns[c].name);
      continue;
    }
    source.columns.push_back(c);
  }
  for (const std::size_t c : source.columns) taken[c] = true;
  const auto found = static_cast<std::int64_t>(source.columns.size());
  if (found == 0 || (width >= 0 && found < width)) {
    const bool text = input.type == ElementType::kString;
    return Error(
        ErrorCode::kInputMismatch,
        described(input) + " takes " + (width < 0 ? "some" : std::to_string(width)) +
            (text ? " columns" : " columns of numbers") + ": the data has " +
            std::to_string(found) + " left" +
            (texts.empty() ? "" : ", and " + some_of(texts) + " without numbers"),
        data_.name,
        "name columns as the inputs, or choose them with --query \"SELECT ... FROM data\"");
  }
  data_.notes.push_back(described(input) + " takes, in order: " + names_of(table, source.columns));
  return {};
}

Status ModelRows::assign_image(const ValueInfo& input) {
  const Table& table = data_.table;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const Column& column = table.columns[c];
    if (column.type != ColumnType::kImage) continue;
    const Shape& shape = column.images.shape();  // rows, height, width, channels
    Source source{{c}, true, false};
    const auto fits = [&](const Shape& wanted) {
      if (wanted.size() != input.shape.size()) return false;
      for (std::size_t d = 1; d < wanted.size(); ++d) {
        if (input.shape[d] >= 0 && input.shape[d] != wanted[d]) return false;
      }
      return true;
    };
    source.channels_first = fits({-1, shape[3], shape[1], shape[2]});
    const bool flat = fits({-1, shape[1] * shape[2] * shape[3]});
    if (!source.channels_first && !flat && !fits({-1, shape[1], shape[2], shape[3]}) &&
        !(shape[3] == 1 && fits({-1, shape[1], shape[2]}))) {
      return Error(ErrorCode::kInputMismatch,
                   described(input) + " does not take images of " + to_text(shape) +
                       " (rows, height, width, channels)",
                   data_.name,
                   "--image-height, --image-width, --image-channels bring them to size");
    }
    source.channels_first |= flat;
    sources_[input.name] = source;
    data_.notes.push_back(described(input) + " takes the images" +
                          (source.channels_first ? ", channels first" : "") +
                          (input.type == ElementType::kUint8 ? "" : ", pixels as 0 to 1"));
    return {};
  }
  return Error(ErrorCode::kInputMismatch, described(input) + " takes images: the data has none",
               data_.name, "give a folder of images or IDX files");
}

Result<Tensor> ModelRows::image_of(const ValueInfo& input, const Source& source, Rows rows) const {
  const Column& column = data_.table.columns[source.columns.front()];
  const Shape& shape = column.images.shape();
  const std::int64_t pixels = shape[1] * shape[2], channels = shape[3];
  Shape to = input.shape;
  to[0] = static_cast<std::int64_t>(rows.size());
  const Shape known = source.channels_first && to.size() == 4
                          ? Shape{to[0], channels, shape[1], shape[2]}
                          : Shape{to[0], shape[1], shape[2], channels};
  for (std::size_t d = 1; d < to.size(); ++d) {
    if (to[d] < 0) to[d] = to.size() == 4 ? known[d] : pixels * channels;
  }
  Tensor out(input.type, to);
  const auto src = column.images.data<std::uint8_t>();
  const bool bytes = input.type == ElementType::kUint8;
  if (!bytes && input.type != ElementType::kFloat32) {
    return Error(ErrorCode::kInputMismatch,
                 described(input) + " takes images: expected float32 or uint8");
  }
  std::size_t at = 0;
  const auto put = [&](std::uint8_t pixel) {
    if (bytes)
      out.data<std::uint8_t>()[at++] = pixel;
    else
      out.data<float>()[at++] = static_cast<float>(pixel) / 255.0F;
  };
  for (const std::int64_t row : rows) {
    const auto image = src.subspan(static_cast<std::size_t>(row * pixels * channels),
                                   static_cast<std::size_t>(pixels * channels));
    if (!source.channels_first) {
      for (const std::uint8_t pixel : image) put(pixel);
      continue;
    }
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < pixels; ++p)
        put(image[static_cast<std::size_t>(p * channels + c)]);
    }
  }
  return out;
}

Result<Tensor> ModelRows::tensor_of(const ValueInfo& input, const Source& source, Rows rows) const {
  if (source.image) return image_of(input, source, rows);
  std::vector<const Column*> columns;
  for (const std::size_t c : source.columns) columns.push_back(&data_.table.columns[c]);
  Shape shape = input.shape;
  shape[0] = static_cast<std::int64_t>(rows.size());
  for (std::size_t d = 1; d < shape.size(); ++d) {
    if (shape[d] < 0) shape[d] = shape.size() == 2 ? static_cast<std::int64_t>(columns.size()) : 1;
  }
  if (count_of(shape) != static_cast<std::int64_t>(rows.size() * columns.size())) {
    return Error(ErrorCode::kInputMismatch,
                 described(input) + " has free dimensions that columns do not fill");
  }
  if (input.type == ElementType::kString) {
    std::vector<std::string> texts;
    for (const std::int64_t row : rows) {
      for (const Column* column : columns) texts.push_back(column->text_at(row));
    }
    return Tensor::strings(shape, std::move(texts));
  }
  Tensor out(input.type, shape);
  TENBIN_CHECK(fill_any(out, input, columns, rows));
  return out;
}

Result<std::vector<Tensor>> ModelRows::at(std::span<const ValueInfo> inputs, Rows rows) const {
  if (by_name_) return column_tensors(data_.table, inputs, rows);
  std::vector<Tensor> out;
  for (const ValueInfo& input : inputs) {
    const auto source = sources_.find(input.name);
    if (source == sources_.end()) {
      return Error(ErrorCode::kInputMismatch, "nothing fills input '" + input.name + "'");
    }
    TENBIN_TRY(Tensor tensor, tensor_of(input, source->second, rows));
    out.push_back(std::move(tensor));
  }
  return out;
}

}  // namespace tenbin
