// SPDX-License-Identifier: Apache-2.0
#include "data/formats/table_file.h"

#include <algorithm>
#include <span>

#include "base/nearest_name.h"
#include "data/compression/expand.h"
#include "data/typed_source.h"
#include "platform/digest.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{2} << 30;

// Tells and asks before each block of rows.
class PausingRows : public RawRows {
 public:
  PausingRows(std::unique_ptr<RawRows> rows, const ReadOptions& options, const RowsAhead& ahead)
      : rows_(std::move(rows)), options_(options), ahead_(ahead) {}
  const std::vector<RawColumn>& columns() const override { return rows_->columns(); }
  Status start(const std::vector<bool>& wanted) override {
    ++pass_;
    done_ = 0;
    TENBIN_CHECK(options_.may_go_on());
    return rows_->start(wanted);
  }
  Result<std::int64_t> next(std::vector<RawCells>& into) override {
    const bool types = ahead_.passes == 2 && pass_ == 1;
    const std::int64_t total = counted_ > 0 ? counted_ : ahead_.about_rows;
    TENBIN_CHECK(options_.between({types ? "finding types" : "reading rows", "rows", done_,
                                   std::max(done_, total), counted_ == 0}));
    TENBIN_TRY(const std::int64_t count, rows_->next(into));
    done_ += count;
    if (count == 0) counted_ = done_;
    return count;
  }
  std::string place(std::int64_t row) const override { return rows_->place(row); }

 private:
  std::unique_ptr<RawRows> rows_;
  ReadOptions options_;
  RowsAhead ahead_;
  int pass_ = 0;
  std::int64_t done_ = 0;
  std::int64_t counted_ = 0;  // rows of a pass that reached its end
};

Status add_digest(FileSystem& files, const std::string& path, const ReadOptions& options,
                  Dataset& out) {
  TENBIN_TRY(auto file, files.open(path));
  TENBIN_TRY(const std::int64_t size, file->size());
  Digest digest;
  std::vector<std::byte> piece(1 << 20);
  while (true) {
    TENBIN_CHECK(options.between({"taking the checksum", "bytes", out.bytes, size}));
    TENBIN_TRY(const std::size_t got, file->read_at(out.bytes, piece));
    if (got == 0) break;
    digest.add(std::span<const std::byte>(piece.data(), got));
    out.bytes += static_cast<std::int64_t>(got);
  }
  out.digest = digest.hex();
  return {};
}

std::string quoted_name(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::unique_ptr<RawRows> with_pauses(std::unique_ptr<RawRows> rows, const ReadOptions& options,
                                     const RowsAhead& ahead) {
  return std::make_unique<PausingRows>(std::move(rows), options, ahead);
}

Result<Dataset> read_all(FileSystem& files, const FormatProbe& probe, std::unique_ptr<RawRows> rows,
                         const ReadOptions& options, const std::string& format,
                         std::int64_t about_rows) {
  Dataset out;
  out.format = format;
  const auto& columns = rows->columns();
  const bool texts = std::any_of(columns.begin(), columns.end(),
                                 [](const RawColumn& c) { return c.kind == RawKind::kText; });
  auto pausing = with_pauses(std::move(rows), options, {texts ? 2 : 1, about_rows});
  TENBIN_TRY(const auto source, infer_types(std::move(pausing), options.missing));
  TENBIN_TRY(out.table, drain(*source));
  out.notes = source->notes();
  if (out.table.rows == 0) return Error(ErrorCode::kEmptyData, "table has no rows", probe.path);
  TENBIN_CHECK(add_digest(files, probe.path, options, out));
  return out;
}

Result<std::string> read_text_file(FileSystem& files, const FormatProbe& probe,
                                   const StopQuestion& may_go_on, Dataset& facts) {
  TENBIN_TRY(std::string text, files.read_text(probe.path, kMostBytes));
  facts.bytes = static_cast<std::int64_t>(text.size());
  facts.digest = sha256_hex(text);
  if (!is_compressed(text)) return text;
  auto plain = expand_bytes(text, {kMostBytes, false, may_go_on});
  if (!plain.ok()) return Error(plain.error()).at(probe.path);
  return plain;
}

std::string inner_query(std::string query) {
  while (!query.empty() && (query.back() == ';' || query.back() == ' ' || query.back() == '\n' ||
                            query.back() == '\t' || query.back() == '\r')) {
    query.pop_back();
  }
  return query;
}

Result<std::string> database_query(const std::string& path, const std::vector<std::string>& tables,
                                   const ReadOptions& options) {
  if (!options.query.empty()) return inner_query(options.query);
  if (tables.empty()) return Error(ErrorCode::kEmptyData, "database has no tables", path);
  if (options.table.empty() && tables.size() > 1) {
    return Error(ErrorCode::kMissingArgument,
                 "database has " + std::to_string(tables.size()) + " tables, " + one_of(tables),
                 path, "name one with --table, or ask with --query \"SELECT ...\"");
  }
  const std::string name = options.table.empty() ? tables.front() : options.table;
  if (std::find(tables.begin(), tables.end(), name) == tables.end()) {
    const auto near = nearest_names(name, tables);
    return Error(ErrorCode::kBadValue,
                 "no table '" + name + "', " + one_of(near.empty() ? tables : near), path);
  }
  return "SELECT * FROM " + quoted_name(name);
}

}  // namespace tenbin
