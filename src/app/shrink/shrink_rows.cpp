// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/shrink_rows.h"

#include <numeric>

#include "data/split.h"
#include "plan/paired_proof.h"

namespace tenbin {
namespace {

// The proof needs most rows: it is what the promise stands on.
constexpr Ratio kChooseShare{0.2}, kProveShare{0.4};

// Rows without labels are divided as those of a regression, at random.
Target unlabelled(std::int64_t rows) {
  Target out;
  out.task = Task::kRegression;
  out.values.assign(static_cast<std::size_t>(rows), 0.0F);
  out.rows.resize(static_cast<std::size_t>(rows));
  std::iota(out.rows.begin(), out.rows.end(), 0);
  return out;
}

Status check_enough(const ShrinkRows& rows, double max_drop, const std::string& path) {
  const bool shares = !rows.target || rows.target->classifies();
  const std::int64_t least = shares ? least_rows_for_proof(max_drop) : 30;
  const auto have = static_cast<std::int64_t>(rows.prove.size());
  if (have >= least) return {};
  const double in_all = static_cast<double>(least) / kProveShare.value;
  return Error(ErrorCode::kTooFewRows,
               std::to_string(have) + " of " + std::to_string(rows.count()) +
                   " rows are there for the proof: a drop of at most " + to_text(Ratio{max_drop}) +
                   " takes at least " + std::to_string(least) +
                   " to be proven at 95 %, even if no answer changes",
               path,
               "give about " + std::to_string(static_cast<std::int64_t>(in_all) + 1) +
                   " rows, or allow more with --max-drop");
}

}  // namespace

Result<ShrinkRows> read_shrink_rows(const Model& model, const std::string& path,
                                    const std::string& target, double max_drop, std::int64_t seed,
                                    const ReadOptions& read, FileSystem& files) {
  ReadOptions options = read;
  if (!target.empty()) options.label_name = target;
  TENBIN_TRY(ModelRows rows, ModelRows::open(model, path, options, files));
  ShrinkRows out{std::move(rows), {}, {}, {}, {}, {}};
  const Dataset& data = out.rows.data();
  if (!target.empty()) {
    auto found = prepare_target(data.table, target);
    if (!found.ok()) return Error(found.error()).at(path);
    out.target = std::move(*found);
  }
  SplitOptions shares;
  shares.seed = seed;
  shares.valid_share = kChooseShare;
  shares.test_share = kProveShare;
  shares.method = SplitMethod::kRandom;
  const Target& divided = out.target ? *out.target : unlabelled(data.table.rows);
  auto split = split_rows(data.table, divided, shares, data.given_test);
  if (!split.ok()) return Error(split.error()).at(path);
  out.train = std::move(split->train);
  out.choose = std::move(split->valid);
  out.prove = std::move(split->test);
  out.why = std::to_string(out.train.size()) + " rows to calibrate on, " +
            std::to_string(out.choose.size()) + " to choose by, " +
            std::to_string(out.prove.size()) + " for the proof";
  if (split->given_test) out.why += " (those that the data names as test)";
  TENBIN_CHECK(check_enough(out, max_drop, path));
  return out;
}

}  // namespace tenbin
