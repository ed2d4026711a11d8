// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

constexpr std::int64_t kEmbedding = 64, kChannels = 64;
constexpr std::int64_t kWidths[] = {3, 4, 5};

Result<Graph> build(const ModelOptions& options) {
  if (options.input[0] < kWidths[2]) {
    return Error(ErrorCode::kBadShape, "length of " + std::to_string(options.input[0]) +
                                           ", expected at least " + std::to_string(kWidths[2]));
  }
  GraphBuilder b;
  Layers layers(b, options.seed, Init::kUniform);
  const std::int64_t size = scaled_width(kEmbedding, options.width);
  const std::int64_t out = scaled_width(kChannels, options.width);
  const std::string tokens = b.input("x", ElementType::kInt64, {-1, options.input[0]});
  const std::string table = layers.uniform("embedding", {options.vocabulary, size}, 1);
  const std::string rows = b.node("Gather", {table, tokens}, {{"axis", std::int64_t{0}}});
  const std::string columns =
      b.node("Transpose", {rows}, {{"perm", std::vector<std::int64_t>{0, 2, 1}}});
  std::vector<std::string> found;
  for (const std::int64_t width : kWidths) {
    const std::string seen =
        layers.relu(layers.conv1d(columns, {.in = size, .out = out, .kernel = width}));
    found.push_back(b.node("GlobalMaxPool", {seen}));
  }
  const auto all = static_cast<std::int64_t>(found.size()) * out;
  std::string x = b.node("Concat", std::move(found), {{"axis", std::int64_t{1}}});
  x = layers.dropout(b.node("Flatten", {x}), 0.5f);
  b.output(layers.dense(x, all, options.classes, 1), "logits");
  return std::move(b).build();
}

}  // namespace

const ModelEntry& model_text_cnn();
const ModelEntry& model_text_cnn() {
  static const ModelEntry entry{
      "text_cnn",
      "TextCNN",
      "Embedded tokens under convolutions of three widths (Kim 2014, arXiv 1408.5882).",
      "length",
      {64},
      {"width", "vocabulary"},
      build};
  return entry;
}

}  // namespace tenbin
