// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

constexpr std::int64_t kHeads = 3, kHeadSize = 64, kDepth = 12, kWider = 4;
constexpr std::int64_t kMostDepth = 64;

using Integers = std::vector<std::int64_t>;

class Encoder {
 public:
  Encoder(const ModelOptions& options, std::int64_t head)
      : layers_(b_, options.seed, Init::kUniform), head_(head), size_(kHeads * head) {}

  // Patches as rows [batch, tokens, size], each with its place added.
  std::string embed(const ModelOptions& options, std::int64_t patch) {
    const Shape& s = options.input;
    const std::string x = b_.input("x", ElementType::kFloat32, {-1, s[0], s[1], s[2]});
    const std::string patches =
        layers_.conv(x, {.in = s[0], .out = size_, .kernel = patch, .stride = patch});
    const std::int64_t tokens = s[1] / patch * (s[2] / patch);
    const std::string rows = transpose(reshape(patches, {0, size_, -1}), {0, 2, 1});
    return b_.node("Add", {rows, layers_.uniform("position", {1, tokens, size_}, 0.02)});
  }

  std::string block(const std::string& src) {
    const std::string seen = b_.node("Add", {src, attention(layers_.layer_norm(src, size_))});
    const std::string wide =
        layers_.project(layers_.layer_norm(seen, size_), size_, kWider * size_);
    return b_.node("Add", {seen, layers_.project(gelu(wide), kWider * size_, size_)});
  }

  Result<Graph> classify(const std::string& src, std::int64_t classes) {
    const std::string mean = b_.node("ReduceMean", {layers_.layer_norm(src, size_)},
                                     {{"axes", Integers{1}}, {"keepdims", std::int64_t{0}}});
    b_.output(layers_.dense(mean, size_, classes, 1), "logits");
    return std::move(b_).build();
  }

 private:
  std::string reshape(const std::string& src, const Integers& sizes) {
    Tensor shape(ElementType::kInt64, {static_cast<std::int64_t>(sizes.size())});
    std::copy(sizes.begin(), sizes.end(), shape.data<std::int64_t>().begin());
    return b_.node("Reshape", {src, b_.constant("sizes", std::move(shape))});
  }
  std::string transpose(const std::string& src, Integers order) {
    return b_.node("Transpose", {src}, {{"perm", std::move(order)}});
  }
  std::string scalar(const std::string& name, double value) {
    return b_.constant(name, Tensor::scalar<float>(static_cast<float>(value)));
  }

  // Queries, keys or values as [batch, heads, tokens, head], or the last two turned.
  std::string heads(const std::string& src, bool turned) {
    const std::string all = reshape(layers_.project(src, size_, size_), {0, -1, kHeads, head_});
    return transpose(all, turned ? Integers{0, 2, 3, 1} : Integers{0, 2, 1, 3});
  }
  std::string attention(const std::string& src) {
    const std::string queries = heads(src, false), keys = heads(src, true);
    const std::string near =
        b_.node("Mul", {b_.node("MatMul", {queries, keys}),
                        scalar("scale", 1 / std::sqrt(static_cast<double>(head_)))});
    const std::string share = b_.node("Softmax", {near}, {{"axis", std::int64_t{-1}}});
    const std::string mixed = b_.node("MatMul", {share, heads(src, false)});
    return layers_.project(reshape(transpose(mixed, {0, 2, 1, 3}), {0, -1, size_}), size_, size_);
  }
  // x / 2 * (1 + erf(x / sqrt 2)): the operator of that name is younger than opset 17.
  std::string gelu(const std::string& src) {
    const std::string bent =
        b_.node("Erf", {b_.node("Div", {src, scalar("root", std::sqrt(2.0))})});
    const std::string gate = b_.node("Add", {bent, scalar("one", 1)});
    return b_.node("Mul", {b_.node("Mul", {src, gate}), scalar("half", 0.5)});
  }

  GraphBuilder b_;
  Layers layers_;
  std::int64_t head_, size_;
};

Result<Graph> build(const ModelOptions& options) {
  const std::int64_t depth = options.depth == 0 ? kDepth : options.depth;
  if (depth > kMostDepth) {
    return Error(ErrorCode::kBadValue, "depth of " + std::to_string(depth) + ", expected 1 to " +
                                           std::to_string(kMostDepth) + " blocks");
  }
  const std::int64_t patch = options.input[1] >= 128 ? 16 : 4;
  if (options.input[1] % patch != 0 || options.input[2] % patch != 0) {
    return Error(ErrorCode::kBadShape, "image of " + std::to_string(options.input[1]) + " x " +
                                           std::to_string(options.input[2]) +
                                           ", expected multiples of " + std::to_string(patch));
  }
  Encoder encoder(options, scaled_width(kHeadSize, options.width));
  std::string x = encoder.embed(options, patch);
  for (std::int64_t i = 0; i < depth; ++i) x = encoder.block(x);
  return encoder.classify(x, options.classes);
}

}  // namespace

const ModelEntry& model_vit_tiny();
const ModelEntry& model_vit_tiny() {
  static const ModelEntry entry{
      "vit_tiny",
      "ViT-tiny",
      "Transformer encoder over patches of an image (Dosovitskiy et al. 2021, arXiv 2010.11929).",
      "channels x height x width",
      {3, 32, 32},
      {"width", "depth"},
      build};
  return entry;
}

}  // namespace tenbin
