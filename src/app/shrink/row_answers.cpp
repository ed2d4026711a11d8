// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/row_answers.h"

#include <algorithm>
#include <cmath>

#include "base/units.h"

namespace tenbin {
namespace {

constexpr std::size_t kPiece = 512;

bool one_a_row(const Tensor& out, std::int64_t rows) {
  return !out.shape().empty() && out.shape()[0] == rows && out.count() == rows;
}

bool several_a_row(const Tensor& out, std::int64_t rows) {
  return out.type() == ElementType::kFloat32 && out.shape().size() == 2 && out.shape()[0] == rows &&
         out.shape()[1] > 1;
}

Status take_labels(const Tensor& out, RowAnswers& to) {
  to.classes = true;
  if (out.type() == ElementType::kString) {
    for (const std::string& label : out.data<std::string>()) to.labels.push_back(label);
  } else {
    for (const std::int64_t label : out.data<std::int64_t>()) {
      to.labels.push_back(std::to_string(label));
    }
  }
  return {};
}

Error not_finite() {
  return Error(ErrorCode::kBadValue,
               "the model answers with nan or infinity, expected finite numbers", {},
               "answers that are no numbers cannot be compared: leave such rows out");
}

Status take_largest(const Tensor& out, const std::vector<std::string>& names, RowAnswers& to) {
  to.classes = true;
  const auto width = static_cast<std::size_t>(out.shape()[1]);
  const auto values = out.data<float>();
  for (std::size_t at = 0; at < values.size(); at += width) {
    const auto row = values.subspan(at, width);
    if (!std::all_of(row.begin(), row.end(), [](float v) { return std::isfinite(v); })) {
      return not_finite();
    }
    const auto best =
        static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    to.labels.push_back(names.size() == width ? names[best] : std::to_string(best));
  }
  return {};
}

Status take_values(const Tensor& out, RowAnswers& to) {
  for (const float value : out.data<float>()) {
    if (!std::isfinite(value)) return not_finite();
    to.values.push_back(static_cast<double>(value));
  }
  return {};
}

Status take(const std::vector<Tensor>& outputs, const ShrinkRows& rows, std::int64_t count,
            RowAnswers& to) {
  for (const Tensor& out : outputs) {
    const bool label = out.type() == ElementType::kString || out.type() == ElementType::kInt64;
    if (label && one_a_row(out, count)) return take_labels(out, to);
  }
  static const std::vector<std::string> kNone;
  const auto& names = rows.target ? rows.target->class_names : kNone;
  for (auto out = outputs.rbegin(); out != outputs.rend(); ++out) {
    if (several_a_row(*out, count)) return take_largest(*out, names, to);
  }
  for (const Tensor& out : outputs) {
    if (out.type() == ElementType::kFloat32 && one_a_row(out, count)) return take_values(out, to);
  }
  return Error(ErrorCode::kInputMismatch,
               "no output of the model answers each of " + std::to_string(count) +
                   " rows: expected a label, a number or floats [rows, classes]");
}

std::string truth_at(const ShrinkRows& rows, std::int64_t row) {
  const std::int64_t label = rows.target->labels[static_cast<std::size_t>(row)];
  return rows.target->class_names[static_cast<std::size_t>(label)];
}

Comparison compare_labels(const ShrinkRows& rows, std::span<const std::int64_t> which,
                          const RowAnswers& original, const RowAnswers& candidate,
                          double confidence) {
  Comparison out;
  out.answers.rows = static_cast<std::int64_t>(which.size());
  std::int64_t equal = 0;
  for (std::size_t i = 0; i < which.size(); ++i) {
    const std::string& truth = rows.target ? truth_at(rows, which[i]) : original.labels[i];
    const bool was = original.labels[i] == truth, is = candidate.labels[i] == truth;
    out.answers.original_right += was ? 1 : 0;
    out.answers.only_original_right += was && !is ? 1 : 0;
    out.answers.only_candidate_right += !was && is ? 1 : 0;
    equal += original.labels[i] == candidate.labels[i] ? 1 : 0;
  }
  out.equal_labels = static_cast<double>(equal) / static_cast<double>(which.size());
  out.original_score = out.answers.accuracy();
  out.candidate_score = out.answers.accuracy_of_candidate();
  out.drop = accuracy_drop(out.answers, confidence);
  return out;
}

Comparison compare_values(const ShrinkRows& rows, std::span<const std::int64_t> which,
                          const RowAnswers& original, const RowAnswers& candidate,
                          double confidence) {
  std::vector<double> truth, before, after, spreads;
  for (std::size_t i = 0; i < which.size(); ++i) {
    truth.push_back(
        rows.target ? static_cast<double>(rows.target->values[static_cast<std::size_t>(which[i])])
                    : original.values[i]);
  }
  double mean = 0;
  for (const double value : truth) mean += value / static_cast<double>(truth.size());
  double lost = 0, all = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto square = [](double d) { return d * d; };
    before.push_back(square(original.values[i] - truth[i]));
    after.push_back(square(candidate.values[i] - truth[i]));
    spreads.push_back(square(truth[i] - mean));
    lost += before.back();
    all += spreads.back();
  }
  Comparison out;
  out.classes = false;
  out.drop = r2_drop(before, after, spreads, confidence);
  out.original_score = all > 0 ? 1 - lost / all : 0;
  out.candidate_score = out.original_score - out.drop.value;
  return out;
}

}  // namespace

Result<RowAnswers> answer_rows(const ShrinkRows& rows, std::span<const std::int64_t> which,
                               Session& session, const StopQuestion& may_go_on) {
  RowAnswers out;
  for (std::size_t at = 0; at < which.size(); at += kPiece) {
    TENBIN_CHECK(may_go_on());
    const auto part = which.subspan(at, std::min(kPiece, which.size() - at));
    TENBIN_TRY(const auto inputs, rows.rows.at(session.inputs(), part));
    TENBIN_TRY(const auto outputs, session.run(inputs));
    const Status taken = take(outputs, rows, static_cast<std::int64_t>(part.size()), out);
    if (!taken.ok()) {
      const std::size_t done = std::max(out.labels.size(), out.values.size());
      return Error(taken.error())
          .at("row " + std::to_string(which[std::min(done, which.size() - 1)]));
    }
  }
  return out;
}

Comparison compare_answers(const ShrinkRows& rows, std::span<const std::int64_t> which,
                           const RowAnswers& original, const RowAnswers& candidate,
                           double confidence) {
  return original.classes ? compare_labels(rows, which, original, candidate, confidence)
                          : compare_values(rows, which, original, candidate, confidence);
}

}  // namespace tenbin
