// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "record/ledger.h"

namespace tenbin {

class FileSystem;

// The ledgers at or below a path and their runs, oldest first.
struct LedgerView {
  struct File {
    std::string path;
    std::vector<RunRecord> runs;
  };
  std::vector<File> files;
};

struct LedgerViewOptions {
  std::string run;  // id or its first letters; empty: all
  int last = 0;     // only the newest so many; 0: all
};

// `path`: a ledger file, or a folder: its ledger.db and those of folders up to three levels below.
// Errors: kUnreadableData (nothing there, no such run), kBadLedger.
Result<LedgerView> view_ledger(const std::string& path, const LedgerViewOptions& options,
                               FileSystem& files);

// Schema tenbin.ledger/1 (docs/formats/ledger.md).
Json to_json(const LedgerView& view);
// Tree of runs, stages and events with their totals. `wide`: events too.
std::string to_text(const LedgerView& view, bool wide = true);

}  // namespace tenbin
