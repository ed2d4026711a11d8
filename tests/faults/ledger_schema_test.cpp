// SPDX-License-Identifier: Apache-2.0
// docs/formats/ledger.md says what a ledger holds: table by table, column by column, in order.
#include <map>

#include "platform/fakes/test_folder.h"
#include "record/sqlite/database.h"
#include "tests/faults/program.h"

namespace tenbin {
namespace {

using Columns = std::map<std::string, std::vector<std::string>>;  // by table

const std::vector<std::string> kSpend = {"money_billionths", "currency", "carbon_ug"};
const std::vector<std::string> kEnergy = {"energy_nj",         "energy_lo_nj",  "energy_hi_nj",
                                          "energy_provenance", "energy_source", "energy_scope",
                                          "energy_grade",      "energy_flags",  "energy_reason"};

// Words of a cell of the table, without what stands in brackets.
std::vector<std::string> words(std::string_view cell) {
  std::vector<std::string> out;
  std::string word;
  int depth = 0;
  for (const char c : cell) {
    depth += c == '(';
    if (depth == 0 && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
      word += c;
    } else if (!word.empty()) {
      out.push_back(std::exchange(word, {}));
    }
    depth -= c == ')';
  }
  if (!word.empty()) out.push_back(word);
  return out;
}

Columns documented(const std::string& text) {
  Columns out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    if (!line.starts_with("| ") || line.starts_with("| table ")) continue;
    const std::size_t first = line.find('|', 2), second = line.find('|', first + 1);
    auto& columns = out[words(line.substr(2, first - 2)).front()];
    columns = words(line.substr(first, second - first));
    for (const std::string& word : words(line.substr(second))) {
      if (word == "spend") {
        columns.insert(columns.end(), kSpend.begin(), kSpend.end());
      } else if (word == "energy") {
        columns.insert(columns.end(), kEnergy.begin(), kEnergy.end());
      } else {
        columns.push_back(word);
      }
    }
  }
  return out;
}

Columns present(const std::string& path) {
  Columns out;
  auto db = Database::open(path, false, 1s);
  EXPECT_TRUE(db.ok());
  const auto rows = (*db)->prepare(
      "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c "
      "WHERE s.type='table' ORDER BY s.name, c.cid");
  EXPECT_TRUE(rows.ok()) << rows.error().to_string();
  while (*(*rows)->step()) {
    const std::string table = (*rows)->text();
    out[table].push_back((*rows)->text());
  }
  return out;
}

TEST(LedgerSchema, IsAsDocumented) {
  const TestFolder folder;
  const std::string path = folder / "ledger.db";
  ASSERT_TRUE(Ledger::open(path).ok());
  const std::string doc = *real_file_system().read_text(
      std::string(TENBIN_SOURCE) + "/docs/formats/ledger.md", 1 << 20);
  EXPECT_TRUE(doc.starts_with("# Ledger (version " + std::to_string(kLedgerVersion) + ")"));
  const Columns told = documented(doc), found = present(path);
  EXPECT_EQ(found.size(), 7u);
  EXPECT_EQ(told, found);
  for (const auto& part : {kSpend, kEnergy}) {
    for (const std::string& name : part) {
      EXPECT_NE(doc.find(name.substr(name.find('_') == name.npos ? 0 : name.find('_') + 1)),
                std::string::npos)
          << name << " is part of a group that the text below the table lists";
    }
  }
}

}  // namespace
}  // namespace tenbin
