// SPDX-License-Identifier: Apache-2.0
#include "app/serve/rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <variant>

#include "base/json.h"
#include "base/json_reader.h"
#include "data/time_text.h"

namespace tenbin {
namespace {

using RowCell = std::variant<std::monostate, double, std::string>;

// Columns in the order in which they were first seen; a row that lacks one has nothing there.
struct RowTable {
  std::vector<std::string> names;
  std::vector<std::vector<RowCell>> rows;

  std::size_t column(const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    names.push_back(name);
    return names.size() - 1;
  }
};

constexpr std::size_t kMostRows = 4096;
constexpr std::size_t kMostColumns = 16'384;

Error bad(std::string what, std::string where = {}) {
  return Error(ErrorCode::kBadRequest, std::move(what), std::move(where));
}

std::string row_place(std::size_t row) { return "rows[" + std::to_string(row) + "]"; }

Status read_json_row(JsonReader& in, RowTable& table) {
  if (table.rows.size() == kMostRows) return bad("more than 4096 rows in a request");
  std::vector<RowCell> cells;
  std::string key, text;
  for (in.enter_object(); in.next_key(key);) {
    const std::size_t at = table.column(key);
    if (at >= kMostColumns) return bad("too many columns", row_place(table.rows.size()));
    if (at >= cells.size()) cells.resize(at + 1);
    double number = 0;
    bool flag = false;
    switch (in.peek()) {
      case JsonReader::Kind::kNumber:
        if (in.read(number)) cells[at] = number;
        break;
      case JsonReader::Kind::kString:
        if (in.read(text)) cells[at] = text;
        break;
      case JsonReader::Kind::kBool:
        if (in.read(flag)) cells[at] = flag ? 1.0 : 0.0;
        break;
      case JsonReader::Kind::kNull: in.read_null(); break;
      default:
        return bad("column '" + key + "' is neither a number, a text nor null",
                   row_place(table.rows.size()));
    }
  }
  if (!in.ok()) return bad("the rows are not valid JSON: " + in.error());
  table.rows.push_back(std::move(cells));
  return {};
}

Status read_json_rows(JsonReader& in, RowTable& table) {
  for (in.enter_array(); in.next_item();) {
    if (in.peek() != JsonReader::Kind::kObject) {
      return bad("a row is no object of columns", row_place(table.rows.size()));
    }
    TENBIN_CHECK(read_json_row(in, table));
  }
  return in.ok() ? Status() : bad("the rows are not valid JSON: " + in.error());
}

Result<RowTable> table_of_json(std::string_view text) {
  RowTable table;
  JsonReader in(text);
  if (in.peek() == JsonReader::Kind::kArray) {
    TENBIN_CHECK(read_json_rows(in, table));
  } else if (in.peek() == JsonReader::Kind::kObject) {
    // One row, or an object whose member "rows" has them.
    JsonReader first(text);
    std::string key;
    first.enter_object();
    const bool rows =
        first.next_key(key) && key == "rows" && first.peek() == JsonReader::Kind::kArray;
    if (!rows) {
      TENBIN_CHECK(read_json_row(in, table));
    } else {
      for (in.enter_object(); in.next_key(key);) {
        if (key == "rows") {
          TENBIN_CHECK(read_json_rows(in, table));
        } else {
          in.skip();
        }
      }
    }
  } else {
    return bad("expected a JSON array of rows, each an object of columns");
  }
  if (!in.end()) return bad("the rows are not valid JSON: " + in.error());
  return table;
}

// The next line's cells, or why not. `text` moves behind it.
Result<std::vector<std::string>> take_csv_line(std::string_view& text, std::size_t line) {
  std::vector<std::string> cells(1);
  std::size_t at = 0;
  for (;;) {
    if (at < text.size() && text[at] == '"' && cells.back().empty()) {
      for (++at;; ++at) {
        if (at >= text.size()) return bad("a quote is not closed", "line " + std::to_string(line));
        if (text[at] != '"') {
          cells.back() += text[at];
        } else if (at + 1 < text.size() && text[at + 1] == '"') {
          cells.back() += text[at++];
        } else {
          break;
        }
      }
      ++at;
    }
    while (at < text.size() && text[at] != ',' && text[at] != '\n') cells.back() += text[at++];
    if (at >= text.size() || text[at] == '\n') break;
    ++at;
    cells.emplace_back();
    if (cells.size() > kMostColumns) return bad("too many columns");
  }
  if (!cells.back().empty() && cells.back().back() == '\r') cells.back().pop_back();
  text.remove_prefix(std::min(text.size(), at + 1));
  return cells;
}

Result<RowTable> table_of_csv(std::string_view text) {
  RowTable table;
  TENBIN_TRY(table.names, take_csv_line(text, 1));
  for (std::size_t line = 2; !text.empty(); ++line) {
    TENBIN_TRY(std::vector<std::string> cells, take_csv_line(text, line));
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (cells.size() != table.names.size()) {
      return bad(std::to_string(cells.size()) + " cells, expected " +
                     std::to_string(table.names.size()) + " as in the header",
                 "line " + std::to_string(line));
    }
    if (table.rows.size() == kMostRows) return bad("more than 4096 rows in a request");
    std::vector<RowCell> row;
    for (std::string& cell : cells) {
      row.push_back(cell.empty() ? RowCell() : RowCell(std::move(cell)));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

const RowCell& cell_at(const RowTable& table, std::size_t row, std::size_t column) {
  static const RowCell kNothing;
  const std::vector<RowCell>& cells = table.rows[row];
  return column < cells.size() ? cells[column] : kNothing;
}

Error not_a(const char* what, const RowTable& table, std::size_t row, std::size_t column,
            const RowCell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  return Error(ErrorCode::kInputMismatch,
               "column '" + table.names[column] + "' holds " +
                   (text != nullptr ? "'" + *text + "'" : to_text(std::get<double>(cell))) +
                   ", expected " + what,
               row_place(row));
}

std::optional<double> number_of(const RowCell& cell) {
  if (const double* number = std::get_if<double>(&cell)) return *number;
  const std::string& text = std::get<std::string>(cell);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A cell as T, or why it is none.
template <class T> Result<T> value_of(const RowTable& table, std::size_t row, std::size_t column) {
  const RowCell& cell = cell_at(table, row, column);
  const bool nothing = std::holds_alternative<std::monostate>(cell);
  if constexpr (std::is_same_v<T, std::string>) {
    if (nothing) return std::string();
    std::string text = std::holds_alternative<std::string>(cell)
                           ? std::get<std::string>(cell)
                           : Json(std::get<double>(cell)).dump();
    // As in training, so that every runtime splits words alike.
    for (char& c : text) {
      if (c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f') c = ' ';
    }
    return text;
  } else if constexpr (std::is_floating_point_v<T>) {
    if (nothing) return std::numeric_limits<T>::quiet_NaN();
    const auto number = number_of(cell);
    if (!number) return not_a("a number", table, row, column, cell);
    return static_cast<T>(*number);
  } else {
    if (nothing) return std::numeric_limits<T>::min();
    const auto number = number_of(cell);
    if constexpr (std::is_same_v<T, std::int64_t>) {
      if (!number) {
        if (const auto time = parse_time(std::get<std::string>(cell), TimeStyle::kIso))
          return *time;
      }
    }
    const bool whole = number && std::nearbyint(*number) == *number &&
                       *number >= static_cast<double>(std::numeric_limits<T>::min()) &&
                       *number <= static_cast<double>(std::numeric_limits<T>::max());
    if (!whole) return not_a("a whole number of its type", table, row, column, cell);
    return static_cast<T>(*number);
  }
}

template <class T>
Status fill(const RowTable& table, std::span<const std::size_t> columns, Tensor& into) {
  const std::span<T> values = into.data<T>();
  std::size_t at = 0;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    for (const std::size_t column : columns) {
      TENBIN_TRY(values[at], value_of<T>(table, row, column));
      ++at;
    }
  }
  return {};
}

Status fill_any(const RowTable& table, std::span<const std::size_t> columns, Tensor& into) {
  switch (into.type()) {
    case ElementType::kFloat32: return fill<float>(table, columns, into);
    case ElementType::kFloat64: return fill<double>(table, columns, into);
    case ElementType::kString: return fill<std::string>(table, columns, into);
    case ElementType::kInt64: return fill<std::int64_t>(table, columns, into);
    case ElementType::kInt32: return fill<std::int32_t>(table, columns, into);
    case ElementType::kInt16: return fill<std::int16_t>(table, columns, into);
    case ElementType::kInt8: return fill<std::int8_t>(table, columns, into);
    case ElementType::kUint8: return fill<std::uint8_t>(table, columns, into);
    case ElementType::kUint16: return fill<std::uint16_t>(table, columns, into);
    case ElementType::kUint32: return fill<std::uint32_t>(table, columns, into);
    default: break;
  }
  return Error(ErrorCode::kNotOffered,
               "inputs of type " + std::string(element_name(into.type())) + " cannot come as rows");
}

// The columns of an input, by its name or, for the only one, all in their order.
Result<std::vector<std::size_t>> columns_of(const RowTable& table, const ValueInfo& input,
                                            bool only) {
  const std::size_t rank = input.shape.size();
  const std::int64_t width = rank == 2 ? input.shape[1] : 1;
  if (rank < 1 || rank > 2 || input.shape[0] >= 0) {
    return Error(ErrorCode::kNotOffered,
                 "input '" + input.name + "' of shape " + to_text(input.shape) +
                     " cannot come as rows of columns",
                 "", "send it as a tensor to .../infer");
  }
  if (width != 1 && only) {
    if (width >= 0 && static_cast<std::size_t>(width) != table.names.size()) {
      return Error(ErrorCode::kInputMismatch, "found " + std::to_string(table.names.size()) +
                                                  " columns, expected " + std::to_string(width));
    }
    std::vector<std::size_t> all(table.names.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return all;
  }
  const auto found = std::find(table.names.begin(), table.names.end(), input.name);
  if (found != table.names.end()) {
    return std::vector{static_cast<std::size_t>(found - table.names.begin())};
  }
  return Error(ErrorCode::kInputMismatch, "column '" + input.name + "' is missing in all rows");
}

std::vector<std::string> classes_of(const ServedVersion& version) {
  const auto& metadata = version.first().metadata;
  const auto found = metadata.find("tenbin.recipe");
  if (found == metadata.end()) return {};
  const auto recipe = Json::parse(found->second);
  std::vector<std::string> out;
  if (!recipe.ok()) return out;
  for (const Json& name : (*recipe)["classes"].items()) {
    out.push_back(name.is_string() ? name.as_string() : name.dump());
  }
  return out;
}

Json element(const Tensor& tensor, std::size_t i) {
  switch (tensor.type()) {
    case ElementType::kFloat32: return static_cast<double>(tensor.data<float>()[i]);
    case ElementType::kFloat64: return tensor.data<double>()[i];
    case ElementType::kInt64: return tensor.data<std::int64_t>()[i];
    case ElementType::kInt32: return static_cast<std::int64_t>(tensor.data<std::int32_t>()[i]);
    case ElementType::kUint8: return static_cast<std::int64_t>(tensor.data<std::uint8_t>()[i]);
    case ElementType::kInt8: return static_cast<std::int64_t>(tensor.data<std::int8_t>()[i]);
    case ElementType::kString: return tensor.data<std::string>()[i];
    case ElementType::kBool: return tensor.data<bool>()[i];
    default: return nullptr;
  }
}

Json values_of_row(const Tensor& tensor, std::size_t row, std::size_t width,
                   const std::vector<std::string>& classes) {
  if (width == 1) return element(tensor, row);
  const bool by_class = width == classes.size() && tensor.type() == ElementType::kFloat32;
  Json out = by_class ? Json::object() : Json::array();
  for (std::size_t i = 0; i < width; ++i) {
    Json value = element(tensor, row * width + i);
    if (by_class) {
      out.set(classes[i], std::move(value));
    } else {
      out.push(std::move(value));
    }
  }
  return out;
}

}  // namespace

Result<std::vector<NamedTensor>> tensors_of_rows(std::string_view text, RowsForm form,
                                                 std::span<const ValueInfo> inputs) {
  TENBIN_TRY(const RowTable table,
             form == RowsForm::kJson ? table_of_json(text) : table_of_csv(text));
  if (table.rows.empty()) return bad("there are no rows");
  std::vector<NamedTensor> out;
  for (const ValueInfo& input : inputs) {
    TENBIN_TRY(const auto columns, columns_of(table, input, inputs.size() == 1));
    Shape shape = {static_cast<std::int64_t>(table.rows.size())};
    if (input.shape.size() == 2) shape.push_back(static_cast<std::int64_t>(columns.size()));
    Tensor tensor(input.type, shape);
    TENBIN_CHECK(fill_any(table, columns, tensor));
    out.push_back({input.name, std::move(tensor)});
  }
  return out;
}

std::string rows_of_answer(const InferAnswer& answer, const ServedVersion& version) {
  const std::vector<std::string> classes = classes_of(version);
  Json rows = Json::array();
  std::size_t count = 0;
  for (const NamedTensor& output : answer.outputs) {
    if (!output.tensor.shape().empty()) {
      count = std::max(count, static_cast<std::size_t>(output.tensor.shape()[0]));
    }
  }
  for (std::size_t row = 0; row < count; ++row) {
    Json line = Json::object();
    for (const NamedTensor& output : answer.outputs) {
      const auto values = static_cast<std::size_t>(output.tensor.count());
      line.set(output.name, values_of_row(output.tensor, row, values / count, classes));
    }
    rows.push(std::move(line));
  }
  Json body = Json::object({{"model_name", answer.model}});
  if (!answer.version.empty()) body.set("model_version", answer.version);
  body.set("rows", std::move(rows));
  return body.dump();
}

}  // namespace tenbin
