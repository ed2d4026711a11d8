// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/network_rows.h"

#include <algorithm>
#include <cstring>

#include "engine/session.h"
#include "graph/rewrites/replace_network.h"

namespace tenbin {
namespace {

constexpr std::size_t kPiece = 256;

void append(std::vector<float>& to, const Tensor& from) {
  const auto add = [&to](const auto& values) {
    for (const auto value : values) to.push_back(static_cast<float>(value));
  };
  switch (from.type()) {
    case ElementType::kInt64: return add(from.data<std::int64_t>());
    case ElementType::kInt32: return add(from.data<std::int32_t>());
    default: return add(from.data<float>());
  }
}

}  // namespace

Result<NetworkRows> run_ends(const Model& model, const Network& network, const ShrinkRows& rows,
                             std::span<const std::int64_t> which, const EndsOptions& options,
                             const StopQuestion& may_go_on) {
  TENBIN_TRY(const Model ends, ends_of_network(model, network));
  TENBIN_TRY(const auto session, Session::create(ends, {options.threads}));
  const auto given = static_cast<std::size_t>(
      std::ranges::find(session->inputs(), network.first, &ValueInfo::name) -
      session->inputs().begin());  // which input the network reads itself, if any
  const Shape& row = network.graph.inputs.front().shape;
  std::int64_t width = 1;
  for (std::size_t d = 1; d < row.size(); ++d) width *= std::max<std::int64_t>(1, row[d]);
  const auto fit = static_cast<std::size_t>(std::max<std::int64_t>(
      1, options.memory.count / (width * static_cast<std::int64_t>(sizeof(float)))));
  const auto picked = which.first(std::min(fit, which.size()));
  std::size_t done = 0;
  NetworkRows out;
  std::vector<float> features;
  Shape shape;
  while (done < picked.size() && (done == 0 || !options.enough || !options.enough())) {
    TENBIN_CHECK(may_go_on());
    const auto part = picked.subspan(done, std::min(kPiece, picked.size() - done));
    done += part.size();
    TENBIN_TRY(const auto inputs, rows.rows.at(session->inputs(), part));
    TENBIN_TRY(const auto outputs, session->run(inputs));
    const Tensor& seen = given < inputs.size() ? inputs[given] : outputs.front();
    append(features, seen);
    append(out.logits, outputs.back());
    shape = seen.shape();
  }
  shape.front() = static_cast<std::int64_t>(done);
  out.features = Tensor::of<float>(shape, std::span<const float>(features));
  out.outputs = static_cast<std::int64_t>(out.logits.size() / done);
  return out;
}

}  // namespace tenbin
