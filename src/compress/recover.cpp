// SPDX-License-Identifier: Apache-2.0
#include "compress/recover.h"

#include <algorithm>
#include <string>

#include "data/streams/streams.h"

namespace tenbin {
namespace {

constexpr std::int64_t kLeastRows = 20;
constexpr std::int64_t kMostAside = 4096;

std::size_t largest(std::span<const float> row) {
  return static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
}

// Rows [first, first + rows) of the teacher's as a stream.
std::unique_ptr<BatchStream> stream_of(const TeacherRows& teacher, std::int64_t first,
                                       std::int64_t rows, const StreamOptions& options) {
  const Shape& shape = teacher.features.shape();
  const auto width = static_cast<std::size_t>(teacher.features.count() / teacher.rows());
  const auto outputs = static_cast<std::size_t>(teacher.outputs);
  const auto from = static_cast<std::size_t>(first), count = static_cast<std::size_t>(rows);
  RowTargets targets;
  targets.values = teacher.logits.subspan(from * outputs, count * outputs);
  targets.outputs = teacher.outputs;
  return dense_stream(teacher.features.data<float>().subspan(from * width, count * width),
                      Shape(shape.begin() + 1, shape.end()), targets, options);
}

}  // namespace

double agreement(std::span<const float> answers, std::span<const float> teacher,
                 std::int64_t outputs) {
  const auto width = static_cast<std::size_t>(outputs);
  double sum = 0;
  for (std::size_t at = 0; at < answers.size(); at += width) {
    if (width > 1) {
      sum += largest(answers.subspan(at, width)) == largest(teacher.subspan(at, width)) ? 1 : 0;
    } else {
      const double error = static_cast<double>(answers[at]) - static_cast<double>(teacher[at]);
      sum -= error * error;
    }
  }
  return sum / static_cast<double>(std::max<std::size_t>(1, answers.size() / width));
}

Result<TrainResult> recover(const Graph& student, const TeacherRows& teacher,
                            const RecoverOptions& options, TrainHooks hooks) {
  const std::int64_t rows = teacher.rows();
  if (rows < kLeastRows) {
    return Error(ErrorCode::kTooFewRows, std::to_string(rows) + " rows to train on, expected " +
                                             std::to_string(kLeastRows) + " or more");
  }
  if (static_cast<std::int64_t>(teacher.logits.size()) != rows * teacher.outputs) {
    return Error(ErrorCode::kBadShape,
                 std::to_string(teacher.logits.size()) + " answers of the teacher, expected " +
                     std::to_string(rows) + " rows of " + std::to_string(teacher.outputs));
  }
  const std::int64_t aside = std::min(kMostAside, std::max<std::int64_t>(1, rows / 10));
  StreamOptions reading;
  reading.batch = std::min(options.batch, rows - aside);
  reading.seed = options.seed;
  const auto learned = stream_of(teacher, 0, rows - aside, reading);
  reading.shuffle = false;
  const auto kept = stream_of(teacher, rows - aside, aside, reading);

  TrainOptions training;
  training.loss = Loss::kMeanSquaredError;
  training.learning_rate = options.rate;
  training.weight_decay = 1e-4;  // the teacher's weights were already held small
  training.epochs = options.epochs;
  training.patience = 0;
  training.threads = options.threads;
  training.seed = options.seed;
  const auto truth =
      teacher.logits.subspan(static_cast<std::size_t>((rows - aside) * teacher.outputs));
  hooks.score = [truth, &teacher](std::span<const float> answers, std::int64_t count) {
    return agreement(answers, truth.first(static_cast<std::size_t>(count * teacher.outputs)),
                     teacher.outputs);
  };
  return train(student, *learned, *kept, training, hooks);
}

}  // namespace tenbin
