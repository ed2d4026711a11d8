// SPDX-License-Identifier: Apache-2.0
#include "data/formats/table_file.h"

#include <algorithm>
#include <span>

#include "base/nearest_name.h"
#include "data/compression/inflate.h"
#include "data/compression/zstd_frames.h"
#include "data/typed_source.h"
#include "platform/digest.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{2} << 30;

Status add_digest(FileSystem& files, const std::string& path, Dataset& out) {
  TENBIN_TRY(auto file, files.open(path));
  Digest digest;
  std::vector<std::byte> piece(1 << 20);
  while (true) {
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

Result<Dataset> read_all(FileSystem& files, const FormatProbe& probe, std::unique_ptr<RawRows> rows,
                         const ReadOptions& options, const std::string& format) {
  Dataset out;
  out.format = format;
  TENBIN_TRY(const auto source, infer_types(std::move(rows), options.missing));
  TENBIN_TRY(out.table, drain(*source));
  out.notes = source->notes();
  if (out.table.rows == 0) return Error(ErrorCode::kEmptyData, "table has no rows", probe.path);
  TENBIN_CHECK(add_digest(files, probe.path, out));
  return out;
}

Result<std::string> read_text_file(FileSystem& files, const FormatProbe& probe, Dataset& facts) {
  TENBIN_TRY(std::string text, files.read_text(probe.path, kMostBytes));
  facts.bytes = static_cast<std::int64_t>(text.size());
  facts.digest = sha256_hex(text);
  if (!is_gzip(text) && !is_zstd(text)) return text;
  auto plain = is_zstd(text) ? expand_zstd(text, kMostBytes) : inflate_gzip(text, kMostBytes);
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
