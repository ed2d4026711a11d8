// SPDX-License-Identifier: Apache-2.0
#include "data/duckdb/duckdb_rows.h"

#ifdef TENBIN_HAVE_DUCKDB
#include <duckdb.h>

#include <cmath>
#include <limits>

#include "platform/file_system.h"
#include "platform/plugin.h"

namespace tenbin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

// The functions we call, found once.
struct Api {
#define TENBIN_DUCKDB_FUNCTIONS(X)                                                             \
  X(create_config)                                                                             \
  X(set_config)                                                                                \
  X(destroy_config)                                                                            \
  X(open_ext) X(close) X(connect) X(disconnect) X(query) X(prepare) X(prepare_error)           \
      X(destroy_prepare) X(bind_varchar) X(execute_prepared) X(result_error) X(destroy_result) \
          X(column_count) X(column_name) X(column_type) X(fetch_chunk) X(destroy_data_chunk)   \
              X(data_chunk_get_size) X(data_chunk_get_vector) X(vector_get_data)               \
                  X(vector_get_validity) X(validity_row_is_valid) X(string_t_length)           \
                      X(string_t_data) X(free) X(library_version) X(nparams)
#define X(name) decltype(&::duckdb_##name) name = nullptr;
  TENBIN_DUCKDB_FUNCTIONS(X)
#undef X
};

Result<const Api*> load_api() {
  static Api api;
  static bool loaded = false;
  if (loaded) return &api;
  TENBIN_TRY(const auto plugin, load_plugin("libduckdb.so"));
#define X(name)                                               \
  {                                                           \
    TENBIN_TRY(void* found, plugin->symbol("duckdb_" #name)); \
    api.name = reinterpret_cast<decltype(api.name)>(found);   \
  }
  TENBIN_DUCKDB_FUNCTIONS(X)
#undef X
  loaded = true;
  return &api;
}

// "Invalid Input Error: CSV Error on Line: 3 ..." without what only DuckDB's users would need.
std::string shortened(const char* text) {
  std::string out = text == nullptr ? "unknown failure" : text;
  for (const char* end : {"\nPossible", "\n\nPossible", "\n  file =", "\nLINE ", "\nOriginal"}) {
    if (const auto at = out.find(end); at != std::string::npos) out.resize(at);
  }
  for (char& c : out) c = c == '\n' ? ' ' : c;
  return out;
}

RawKind kind_of(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return RawKind::kBoolean;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER: return RawKind::kInteger;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE: return RawKind::kNumber;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_DATE: return RawKind::kTime;
    default: return RawKind::kText;
  }
}

class DuckRows : public RawRows {
 public:
  DuckRows(const Api* api, DuckRequest request) : api_(*api), request_(std::move(request)) {}
  ~DuckRows() override {
    end_result();
    if (statement_ != nullptr) api_.destroy_prepare(&statement_);
    if (connection_ != nullptr) api_.disconnect(&connection_);
    if (database_ != nullptr) api_.close(&database_);
  }

  Status open(const ReadOptions& options);
  const std::vector<RawColumn>& columns() const override { return columns_; }
  Status start(const std::vector<bool>& wanted) override;
  Result<std::int64_t> next(std::vector<RawCells>& into) override;
  std::string place(std::int64_t row) const override {
    const std::string name(file_name(request_.path));
    if (request_.skipped_lines == 0) return name + ", row " + std::to_string(row + 1);
    return name + ":" + std::to_string(row + request_.skipped_lines + 1);
  }

 private:
  Status run(const std::string& sql);
  Status execute();
  void end_result() {
    if (chunk_ != nullptr) api_.destroy_data_chunk(&chunk_);
    if (has_result_) api_.destroy_result(&result_);
    has_result_ = false;
  }
  void fill(duckdb_vector vector, duckdb_type type, idx_t rows, RawCells& cells);
  template <class T>
  void numbers(const void* data, const std::uint64_t* valid, idx_t rows, RawCells& cells);

  const Api& api_;
  DuckRequest request_;
  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
  duckdb_prepared_statement statement_ = nullptr;
  duckdb_result result_{};
  bool has_result_ = false;
  duckdb_data_chunk chunk_ = nullptr;
  std::vector<RawColumn> columns_;
  std::vector<duckdb_type> types_;
  std::vector<bool> wanted_;
};

Status DuckRows::run(const std::string& sql) {
  duckdb_result result{};
  const bool ok = api_.query(connection_, sql.c_str(), &result) == DuckDBSuccess;
  const std::string why = ok ? std::string() : shortened(api_.result_error(&result));
  api_.destroy_result(&result);
  if (ok) return {};
  return Error(ErrorCode::kUnreadableData, why, request_.path);
}

Status DuckRows::open(const ReadOptions& options) {
  duckdb_config config = nullptr;
  api_.create_config(&config);
  const std::string memory = std::to_string(options.memory_limit.count / 1'000'000) + "MB";
  const std::string threads = std::to_string(options.threads > 0 ? options.threads : 2);
  for (const auto& [name, value] :
       {std::pair<const char*, const char*>{"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_unsigned_extensions", "false"},
        {"memory_limit", memory.c_str()},
        {"threads", threads.c_str()}}) {
    api_.set_config(config, name, value);
  }
  char* why = nullptr;
  const bool ok = api_.open_ext(nullptr, &database_, config, &why) == DuckDBSuccess;
  api_.destroy_config(&config);
  if (!ok || api_.connect(database_, &connection_) != DuckDBSuccess) {
    const std::string text = shortened(why);
    if (why != nullptr) api_.free(why);
    return Error(ErrorCode::kMissingPlugin, "DuckDB did not start: " + text);
  }
  std::string folder = folder_of(request_.path);
  std::string quoted;
  for (const char c : folder) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  TENBIN_CHECK(run("SET allowed_directories=['" + quoted + "']"));
  TENBIN_CHECK(run("SET enable_external_access=false"));
  TENBIN_CHECK(run("SET lock_configuration=true"));
  if (api_.prepare(connection_, request_.select.c_str(), &statement_) != DuckDBSuccess) {
    return Error(ErrorCode::kMalformedData, shortened(api_.prepare_error(statement_)),
                 request_.path);
  }
  if (api_.nparams(statement_) > 0) {
    api_.bind_varchar(statement_, 1, request_.path.c_str());
  }
  return execute();
}

Status DuckRows::execute() {
  end_result();
  has_result_ = true;
  if (api_.execute_prepared(statement_, &result_) != DuckDBSuccess) {
    return Error(ErrorCode::kMalformedData, shortened(api_.result_error(&result_)), request_.path,
                 "mend the row, or remove it");
  }
  columns_.clear();
  types_.clear();
  for (idx_t i = 0; i < api_.column_count(&result_); ++i) {
    types_.push_back(api_.column_type(&result_, i));
    columns_.push_back({api_.column_name(&result_, i), kind_of(types_.back())});
  }
  return {};
}

Status DuckRows::start(const std::vector<bool>& wanted) {
  wanted_ = wanted;
  return execute();
}

template <class T>
void DuckRows::numbers(const void* data, const std::uint64_t* valid, idx_t rows, RawCells& cells) {
  const T* values = static_cast<const T*>(data);
  for (idx_t i = 0; i < rows; ++i) {
    const bool present =
        valid == nullptr || api_.validity_row_is_valid(const_cast<std::uint64_t*>(valid), i);
    cells.numbers.push_back(present ? static_cast<double>(values[i]) : kNaN);
  }
}

void DuckRows::fill(duckdb_vector vector, duckdb_type type, idx_t rows, RawCells& cells) {
  const void* data = api_.vector_get_data(vector);
  std::uint64_t* valid = api_.vector_get_validity(vector);
  const auto present = [&](idx_t i) {
    return valid == nullptr || api_.validity_row_is_valid(valid, i);
  };
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return numbers<bool>(data, valid, rows, cells);
    case DUCKDB_TYPE_TINYINT: return numbers<std::int8_t>(data, valid, rows, cells);
    case DUCKDB_TYPE_SMALLINT: return numbers<std::int16_t>(data, valid, rows, cells);
    case DUCKDB_TYPE_INTEGER: return numbers<std::int32_t>(data, valid, rows, cells);
    case DUCKDB_TYPE_BIGINT: return numbers<std::int64_t>(data, valid, rows, cells);
    case DUCKDB_TYPE_UTINYINT: return numbers<std::uint8_t>(data, valid, rows, cells);
    case DUCKDB_TYPE_USMALLINT: return numbers<std::uint16_t>(data, valid, rows, cells);
    case DUCKDB_TYPE_UINTEGER: return numbers<std::uint32_t>(data, valid, rows, cells);
    case DUCKDB_TYPE_FLOAT: return numbers<float>(data, valid, rows, cells);
    case DUCKDB_TYPE_DOUBLE: return numbers<double>(data, valid, rows, cells);
    case DUCKDB_TYPE_TIMESTAMP:
      for (idx_t i = 0; i < rows; ++i) {
        cells.times.push_back(present(i) ? static_cast<const std::int64_t*>(data)[i] / 1'000'000
                                         : kNoTime);
      }
      return;
    case DUCKDB_TYPE_DATE:
      for (idx_t i = 0; i < rows; ++i) {
        cells.times.push_back(present(i) ? static_cast<const std::int32_t*>(data)[i] * 86'400LL
                                         : kNoTime);
      }
      return;
    default:
      for (idx_t i = 0; i < rows; ++i) {
        auto* text = static_cast<duckdb_string_t*>(const_cast<void*>(data)) + i;
        cells.texts.push_back(
            present(i) ? std::string_view(api_.string_t_data(text), api_.string_t_length(*text))
                       : std::string_view());
      }
  }
}

Result<std::int64_t> DuckRows::next(std::vector<RawCells>& into) {
  if (chunk_ != nullptr) api_.destroy_data_chunk(&chunk_);
  into.assign(columns_.size(), {});
  chunk_ = api_.fetch_chunk(result_);
  if (chunk_ == nullptr) return 0;
  const idx_t rows = api_.data_chunk_get_size(chunk_);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i < wanted_.size() && !wanted_[i]) continue;
    fill(api_.data_chunk_get_vector(chunk_, i), types_[i], rows, into[i]);
  }
  return static_cast<std::int64_t>(rows);
}

}  // namespace

Result<std::unique_ptr<RawRows>> duckdb_rows(const DuckRequest& request,
                                             const ReadOptions& options) {
  TENBIN_TRY(const Api* api, load_api());
  auto rows = std::make_unique<DuckRows>(api, request);
  TENBIN_CHECK(rows->open(options));
  return std::unique_ptr<RawRows>(std::move(rows));
}

Result<std::string> duckdb_version() {
  TENBIN_TRY(const Api* api, load_api());
  return std::string(api->library_version());
}

}  // namespace tenbin
#else
namespace tenbin {
namespace {
Error absent() {
  return Error(ErrorCode::kMissingPlugin, "this build lacks DuckDB, which reads tables", {},
               "run sudo scripts/setup, then build again");
}
}  // namespace
Result<std::unique_ptr<RawRows>> duckdb_rows(const DuckRequest&, const ReadOptions&) {
  return absent();
}
Result<std::string> duckdb_version() { return absent(); }
}  // namespace tenbin
#endif
