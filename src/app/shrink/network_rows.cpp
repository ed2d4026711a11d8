// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/network_rows.h"

#include <algorithm>
#include <cstring>

#include "engine/session.h"
#include "graph/rewrites/replace_network.h"

namespace tenbin {
namespace {

constexpr std::size_t kPiece = 256;

std::vector<std::int64_t> evenly(std::span<const std::int64_t> which, std::size_t most) {
  if (which.size() <= most) return {which.begin(), which.end()};
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < most; ++i) out.push_back(which[i * which.size() / most]);
  return out;
}

void append(std::vector<float>& to, const Tensor& from) {
  const auto values = from.data<float>();
  to.insert(to.end(), values.begin(), values.end());
}

}  // namespace

Tensor NetworkRows::some(std::int64_t most) const {
  Shape shape = features.shape();
  const std::int64_t width = features.count() / shape.front();
  shape.front() = std::min(shape.front(), most);
  return Tensor::of<float>(
      shape, features.data<float>().first(static_cast<std::size_t>(shape.front() * width)));
}

Result<NetworkRows> run_ends(const Model& model, const Network& network, const ShrinkRows& rows,
                             std::span<const std::int64_t> which, Bytes memory, int threads,
                             const StopQuestion& may_go_on) {
  TENBIN_TRY(const Model ends, ends_of_network(model, network));
  TENBIN_TRY(const auto session, Session::create(ends, {threads}));
  const bool reads_an_input = ends.graph.outputs.size() == 1;
  const Shape& row = network.graph.inputs.front().shape;
  std::int64_t width = 1;
  for (std::size_t d = 1; d < row.size(); ++d) width *= std::max<std::int64_t>(1, row[d]);
  const auto most = static_cast<std::size_t>(
      std::max<std::int64_t>(1, memory.count / (width * static_cast<std::int64_t>(sizeof(float)))));
  const std::vector<std::int64_t> picked = evenly(which, most);
  NetworkRows out;
  std::vector<float> features;
  Shape shape;
  for (std::size_t at = 0; at < picked.size(); at += kPiece) {
    TENBIN_CHECK(may_go_on());
    const auto part = std::span(picked).subspan(at, std::min(kPiece, picked.size() - at));
    TENBIN_TRY(const auto inputs, rows.rows.at(session->inputs(), part));
    TENBIN_TRY(const auto outputs, session->run(inputs));
    const Tensor& seen = reads_an_input ? inputs.front() : outputs.front();
    append(features, seen);
    append(out.logits, outputs.back());
    shape = seen.shape();
  }
  shape.front() = static_cast<std::int64_t>(picked.size());
  out.features = Tensor::of<float>(shape, std::span<const float>(features));
  out.outputs = static_cast<std::int64_t>(out.logits.size() / picked.size());
  return out;
}

}  // namespace tenbin
