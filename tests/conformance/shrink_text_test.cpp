// SPDX-License-Identifier: Apache-2.0
// A network that begins with tokens, on real mails: trained here, given to `tenbin shrink` as
// anybody's model with a table of tokens, and what is shipped proven again.
#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>

#include "app/fakes/quiet_observer.h"
#include "app/here.h"
#include "data/read.h"
#include "data/streams/streams.h"
#include "data/target.h"
#include "engine/onnxruntime/ort_session.h"
#include "engine/session.h"
#include "engine/train.h"
#include "graph/models/model.h"
#include "graph/onnx.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr const char* kMails = "/usr/local/share/tenbin/datasets/spam-assassin";
constexpr std::size_t kLength = 96;
constexpr std::uint64_t kVocabulary = 6'000;

struct Telling final : QuietObserver {
  void tell(const std::string& what) override { std::printf("  %s\n", what.c_str()); }
};

// Words as tokens by their hash (FNV-1a); 0 fills up.
std::vector<std::int64_t> tokens_of(const std::string& text) {
  std::vector<std::int64_t> out;
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i <= text.size() && out.size() < kLength; ++i) {
    const int c = i < text.size() ? std::tolower(static_cast<unsigned char>(text[i])) : ' ';
    if (std::isalpha(c) != 0) {
      if (hash == 0) hash = 14695981039346656037U;
      hash = (hash ^ static_cast<std::uint64_t>(c)) * 1099511628211U;
    } else if (hash != 0) {
      out.push_back(static_cast<std::int64_t>(1 + hash % (kVocabulary - 1)));
      hash = 0;
    }
  }
  out.resize(kLength, 0);
  return out;
}

// Every second mail is for training the original, which never sees the rows of the other half.
struct Mails {
  std::vector<float> tokens;  // [mails, length]
  std::vector<std::int64_t> labels;
  std::string csv;  // of the other half
  std::vector<std::int64_t> others;
};

Mails read_mails() {
  ReadOptions options;
  options.classes = {"spam=spam-*", "ham=*ham-*"};
  const Dataset data = read_dataset(real_file_system(), kMails, options).value();
  const Column* texts = nullptr;
  const Column* labels = nullptr;
  for (const Column& column : data.table.columns) {
    (column.name == "label" ? labels : texts) = &column;
  }
  Mails out;
  for (std::size_t i = 0; i < kLength; ++i) out.csv += "t" + std::to_string(i) + ",";
  out.csv += "label\n";
  for (std::int64_t row = 0; row < data.table.rows; ++row) {
    const bool spam = labels->text_at(row) == "spam", other = row % 2 != 0;
    for (const std::int64_t token : tokens_of(texts->text_at(row))) {
      if (other) {
        out.others.push_back(token);
        out.csv += std::to_string(token) + ",";
      } else {
        out.tokens.push_back(static_cast<float>(token));
      }
    }
    if (other) {
      out.csv += spam ? "spam\n" : "ham\n";
    } else {
      out.labels.push_back(spam ? 1 : 0);
    }
  }
  return out;
}

// The zoo's text CNN after six passes.
Model trained_on(const Mails& mails) {
  ModelOptions options;
  options.input = {static_cast<std::int64_t>(kLength)};
  options.classes = 2;
  options.vocabulary = static_cast<std::int64_t>(kVocabulary);
  const Graph net = build_model(*find_model("text_cnn"), options).value();
  RowTargets targets;
  targets.labels = mails.labels;
  const auto rows = dense_stream(mails.tokens, {static_cast<std::int64_t>(kLength)}, targets, {});
  const auto plan = TrainPlan::compile(net, rows->batch_size(), {}).value();
  for (std::int64_t epoch = 0; epoch < 6; ++epoch) {
    EXPECT_TRUE(rows->start_epoch(epoch, 0).ok());
    for (Batch batch = rows->next().value(); batch.rows > 0; batch = rows->next().value()) {
      plan->step(batch, 1e-3);
    }
  }
  Model out;
  out.graph = plan->export_graph();
  return out;
}

// Share of rows with the same largest score in both engines.
double equal_labels(const std::string& path, const Mails& mails) {
  const std::string bytes = real_file_system().read_text(path, std::int64_t{1} << 28).value();
  const Model model = parse_onnx(std::as_bytes(std::span(bytes))).value();
  const auto ours = Session::create(model, {1}).value();
  const auto theirs = create_onnxruntime_session(bytes, {1}).value();
  constexpr std::int64_t kRows = 1'000;
  Tensor in(ElementType::kInt64, {kRows, static_cast<std::int64_t>(kLength)});
  const auto to = in.data<std::int64_t>();
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] = mails.others[mails.others.size() - to.size() + i];
  }
  const Tensor a = ours->run(std::span(&in, 1)).value().back();
  const Tensor b = theirs->run(std::span(&in, 1)).value().back();
  int same = 0;
  for (std::size_t i = 0; i < to.size() / kLength; ++i) {
    const auto spam = [i](const Tensor& t) {
      return t.data<float>()[2 * i + 1] > t.data<float>()[2 * i];
    };
    same += spam(a) == spam(b) ? 1 : 0;
  }
  return same / static_cast<double>(kRows);
}

TEST(ShrinkText, ANetworkOfTokensIsMadeSmallerAndProven) {
  if (!real_file_system().exists(kMails)) {
    GTEST_SKIP() << "the mails are not installed: scripts/setup";
  }
  const TestFolder folder;
  const Mails mails = read_mails();
  ASSERT_GT(mails.labels.size(), 2'000U);
  ShrinkOptions options;
  options.model = folder / "text.onnx";
  options.data = folder / "mails.csv";
  options.target = "label";
  options.output = folder / "small";
  options.max_drop = Ratio{0.02};
  options.budget = "30s";
  FileSystem& files = real_file_system();
  ASSERT_TRUE(files.write_durable(options.model, write_onnx(trained_on(mails)).value()).ok());
  ASSERT_TRUE(files.write_durable(options.data, mails.csv).ok());
  for (const ShrinkGoal goal : {ShrinkGoal::kLatency, ShrinkGoal::kSize}) {
    options.goal = goal;
    options.verify.clear();
    Telling observer;
    const auto outcome = here::shrink(options, observer);
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    std::printf("%s\n", outcome->document["verdict"].as_string().c_str());
    bool int8 = false, pruned = false;
    for (const Json& attempt : outcome->document["attempts"].items()) {
      const std::string name = attempt["name"].as_string();
      if (attempt.contains("times_faster") && name == "int8") int8 = true;
      if (attempt.contains("times_faster") && name.starts_with("prune")) pruned = true;
    }
    EXPECT_TRUE(int8) << "layers behind the table lie on grids";
    EXPECT_TRUE(pruned) << "channels of the table and of the convolutions";
    ASSERT_EQ(outcome->exit_code, 0) << outcome->reason;
    if (onnxruntime_version().ok()) {
      EXPECT_GE(equal_labels(options.output + "/model.onnx", mails), 0.995);
    }
    options.verify = options.output;
    const auto again = here::verify_shrunk(options, observer);
    ASSERT_TRUE(again.ok()) << again.error().to_string();
    EXPECT_EQ(again->exit_code == 0, again->document["proof"]["failures"].items().empty());
  }
}

}  // namespace
}  // namespace tenbin
