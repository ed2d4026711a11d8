// SPDX-License-Identifier: Apache-2.0
#include "data/duckdb/duckdb_rows.h"

#ifdef TENBIN_HAVE_DUCKDB
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "data/duckdb/duckdb_api.h"
#include "data/duckdb/duckdb_types.h"
#include "data/duckdb/query_watch.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

class DuckRows : public RawRows {
 public:
  DuckRows(const DuckApi* api, DuckRequest request, const StopQuestion& may_go_on)
      : api_(*api), request_(std::move(request)), watch_(may_go_on, [this] {
          if (connection_ != nullptr) api_.interrupt(connection_);
        }) {}
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
  Status start_engine(const ReadOptions& options);
  Status lock_down();
  Status run(const std::string& sql);
  Status prepare(const std::string& sql);
  Result<std::string> with_casts();
  Status execute();
  Error failed() { return failed(api_.result_error(&result_)); }
  Error failed(const char* why) const { return duckdb_error(why, request_.path); }
  void end_result() {
    if (chunk_ != nullptr) api_.destroy_data_chunk(&chunk_);
    if (has_result_) api_.destroy_result(&result_);
    has_result_ = false;
  }
  void fill(duckdb_vector vector, duckdb_type type, idx_t rows, RawCells& cells);

  const DuckApi& api_;
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
  QueryWatch watch_;  // of the calls that may block; goes before what it interrupts
};

Status DuckRows::run(const std::string& sql) {
  duckdb_result result{};
  const bool ok = api_.query(connection_, sql.c_str(), &result) == DuckDBSuccess;
  const std::string why = ok ? std::string() : duckdb_message(api_.result_error(&result));
  api_.destroy_result(&result);
  if (ok) return {};
  return Error(ErrorCode::kUnreadableData, why, request_.path);
}

Status DuckRows::start_engine(const ReadOptions& options) {
  duckdb_config config = nullptr;
  api_.create_config(&config);
  constexpr std::int64_t kLeast = 64;  // [MB] below which DuckDB does not start
  const std::string memory =
      std::to_string(std::max(kLeast, options.memory_limit.count / 1'000'000)) + "MB";
  const std::string threads = std::to_string(options.threads > 0 ? options.threads : 2);
  for (const auto& [name, value] :
       {std::pair<const char*, const char*>{"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_unsigned_extensions", "false"},
        {"access_mode", request_.database ? "READ_ONLY" : "AUTOMATIC"},
        {"memory_limit", memory.c_str()},
        {"threads", threads.c_str()}}) {
    api_.set_config(config, name, value);
  }
  char* why = nullptr;
  const char* path = request_.database ? request_.path.c_str() : nullptr;
  const bool ok = api_.open_ext(path, &database_, config, &why) == DuckDBSuccess;
  api_.destroy_config(&config);
  if (ok && api_.connect(database_, &connection_) == DuckDBSuccess) return {};
  const std::string text = duckdb_message(why);
  if (why != nullptr) api_.free(why);
  if (request_.database) return Error(ErrorCode::kUnreadableData, text, request_.path);
  return Error(ErrorCode::kMissingPlugin, "DuckDB did not start: " + text);
}

Status DuckRows::lock_down() {
  if (!request_.database) {
    std::string quoted;
    for (const char c : request_.path) quoted += c == '\'' ? std::string("''") : std::string(1, c);
    TENBIN_CHECK(run("SET allowed_paths=['" + quoted + "']"));
  }
  TENBIN_CHECK(run("SET enable_external_access=false"));
  return run("SET lock_configuration=true");
}

Status DuckRows::prepare(const std::string& sql) {
  if (statement_ != nullptr) api_.destroy_prepare(&statement_);
  watch_.begin();
  const bool ok = api_.prepare(connection_, sql.c_str(), &statement_) == DuckDBSuccess;
  TENBIN_CHECK(watch_.end());
  if (!ok) {
    return failed(api_.prepare_error(statement_));
  }
  if (api_.nparams(statement_) > 0) api_.bind_varchar(statement_, 1, request_.path.c_str());
  return {};
}

// The query inside one that casts each of its columns; learns names and kinds on the way.
Result<std::string> DuckRows::with_casts() {
  std::string names, casts, refused;
  std::set<std::string> seen;
  TENBIN_CHECK(prepare("SELECT * FROM (" + request_.select + "\n) LIMIT 0"));
  TENBIN_CHECK(execute());
  for (idx_t i = 0; i < api_.column_count(&result_); ++i) {
    const std::string name = api_.column_name(&result_, i);
    if (!seen.insert(name).second) {
      return Error(ErrorCode::kMalformedData, "column '" + name + "' comes twice", request_.path,
                   "give each column a name of its own");
    }
    const duckdb_type type = api_.column_type(&result_, i);
    const std::string alias = "c" + std::to_string(i);
    names += (i > 0 ? ", " : "") + alias;
    const auto cast = duckdb_cast(type, alias);
    if (!cast) {
      refused += (refused.empty() ? "'" : ", '") + name + "' (" + duckdb_type_name(type) + ")";
      continue;
    }
    casts += (casts.empty() ? "" : ", ") + cast->select;
    columns_.push_back({name, cast->kind});
    types_.push_back(cast->as);
  }
  if (!refused.empty()) {
    return Error(ErrorCode::kMalformedData,
                 "columns of lists, structures or bytes: " + refused +
                     ", expected one number, text or instant a cell",
                 request_.path, "leave them out: --query \"SELECT * EXCLUDE (...) FROM data\"");
  }
  return "SELECT " + casts + " FROM (" + request_.select + "\n) AS t(" + names + ")";
}

Status DuckRows::open(const ReadOptions& options) {
  TENBIN_CHECK(start_engine(options));
  TENBIN_CHECK(lock_down());
  TENBIN_TRY(const std::string sql, with_casts());
  end_result();
  return prepare(sql);
}

Status DuckRows::execute() {
  end_result();
  has_result_ = true;
  watch_.begin();
  const bool ok = api_.execute_prepared_streaming(statement_, &result_) == DuckDBSuccess;
  TENBIN_CHECK(watch_.end());
  if (!ok) return failed();
  for (idx_t i = 0; i < types_.size(); ++i) {
    if (api_.column_type(&result_, i) == types_[i]) continue;
    return Error(ErrorCode::kBug, "DuckDB gave another type than the cast asked for");
  }
  return {};
}

Status DuckRows::start(const std::vector<bool>& wanted) {
  wanted_ = wanted;
  return execute();
}

void DuckRows::fill(duckdb_vector vector, duckdb_type type, idx_t rows, RawCells& cells) {
  const void* data = api_.vector_get_data(vector);
  std::uint64_t* valid = api_.vector_get_validity(vector);
  for (idx_t i = 0; i < rows; ++i) {
    const bool present = valid == nullptr || api_.validity_row_is_valid(valid, i);
    if (type == DUCKDB_TYPE_DOUBLE) {
      cells.numbers.push_back(present ? static_cast<const double*>(data)[i] : kNaN);
    } else if (type == DUCKDB_TYPE_BOOLEAN) {
      const bool yes = present && static_cast<const bool*>(data)[i];
      cells.numbers.push_back(present ? (yes ? 1.0 : 0.0) : kNaN);
    } else if (type == DUCKDB_TYPE_BIGINT) {
      cells.times.push_back(present ? static_cast<const std::int64_t*>(data)[i] : kNoTime);
    } else if (present) {
      auto* text = static_cast<duckdb_string_t*>(const_cast<void*>(data)) + i;
      cells.texts.emplace_back(api_.string_t_data(text), api_.string_t_length(*text));
    } else {
      cells.texts.emplace_back();
    }
  }
}

Result<std::int64_t> DuckRows::next(std::vector<RawCells>& into) {
  into.assign(columns_.size(), {});
  idx_t rows = 0;
  while (rows == 0) {
    if (chunk_ != nullptr) api_.destroy_data_chunk(&chunk_);
    watch_.begin();
    chunk_ = api_.fetch_chunk(result_);
    TENBIN_CHECK(watch_.end());
    if (chunk_ == nullptr) {
      const char* why = api_.result_error(&result_);
      if (why != nullptr && *why != '\0') return failed(why);
      return 0;
    }
    rows = api_.data_chunk_get_size(chunk_);
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i < wanted_.size() && !wanted_[i]) continue;
    fill(api_.data_chunk_get_vector(chunk_, i), types_[i], rows, into[i]);
  }
  return static_cast<std::int64_t>(rows);
}

}  // namespace

Result<std::unique_ptr<RawRows>> duckdb_rows(const DuckRequest& request,
                                             const ReadOptions& options) {
  TENBIN_TRY(const DuckApi* api, load_duckdb());
  auto rows = std::make_unique<DuckRows>(api, request, options.may_go_on);
  TENBIN_CHECK(rows->open(options));
  return std::unique_ptr<RawRows>(std::move(rows));
}

Result<std::vector<std::string>> duckdb_tables(const std::string& path) {
  DuckRequest request;
  request.path = path;
  request.database = true;
  request.select =
      "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database() "
      "AND table_schema = 'main' ORDER BY 1";
  TENBIN_TRY(const auto rows, duckdb_rows(request, {}));
  TENBIN_CHECK(rows->start({true}));
  std::vector<std::string> out;
  for (std::vector<RawCells> cells;;) {
    TENBIN_TRY(const std::int64_t count, rows->next(cells));
    if (count == 0) return out;
    for (const std::string_view name : cells.front().texts) out.emplace_back(name);
  }
}

Result<std::string> duckdb_version() {
  TENBIN_TRY(const DuckApi* api, load_duckdb());
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
Result<std::vector<std::string>> duckdb_tables(const std::string&) { return absent(); }
Result<std::string> duckdb_version() { return absent(); }
}  // namespace tenbin
#endif
