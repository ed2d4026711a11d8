// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/tiled_plan.h"

#include <omp.h>

#include <algorithm>

namespace tenbin::dnn {
namespace {

constexpr std::int64_t kFewestRows = 8;  // of a tile: below, its kernels lose more than it gains
constexpr std::int64_t kTilesAThread = 2;

class TiledPlan : public InferencePlan {
 public:
  TiledPlan(std::int64_t batch, Team* team, int threads) : batch_(batch), team_(team) {
    if (team_ != nullptr) return;
    own_team_ = std::make_unique<Team>(threads, [] { omp_set_num_threads(1); });
    team_ = own_team_.get();
  }

  Status build(const Graph& graph) {
    const std::int64_t most = kTilesAThread * team_->threads();
    const std::int64_t rows = std::max(kFewestRows, (batch_ + most - 1) / most);
    for (std::int64_t first = 0; first < batch_; first += rows) {
      TENBIN_TRY(auto tile, compile_single(graph, std::min(rows, batch_ - first)));
      tiles_.push_back(std::move(tile));
    }
    input_shape_ = tiles_.front()->input_shape();
    output_shape_ = tiles_.front()->output_shape();
    input_shape_[0] = output_shape_[0] = batch_;
    return {};
  }

  std::int64_t batch() const override { return batch_; }
  const Shape& input_shape() const override { return input_shape_; }
  const Shape& output_shape() const override { return output_shape_; }
  void run(std::span<const float> input, std::span<float> output) override {
    const auto in = static_cast<std::size_t>(count_of(input_shape_) / batch_);
    const auto out = static_cast<std::size_t>(count_of(output_shape_) / batch_);
    const auto rows = static_cast<std::size_t>(tiles_.front()->batch());
    auto piece = [&](int index) {
      const auto first = static_cast<std::size_t>(index) * rows;
      const auto part = [&](auto all, std::size_t width) {
        const std::size_t begin = std::min(all.size(), first * width);
        return all.subspan(begin, std::min(rows * width, all.size() - begin));
      };
      tiles_[static_cast<std::size_t>(index)]->run(part(input, in), part(output, out));
    };
    team_->run(static_cast<int>(tiles_.size()), piece);
  }
  Bytes planned_bytes() const override {
    Bytes sum{};
    for (const auto& tile : tiles_) sum.count += tile->planned_bytes().count;
    return sum;
  }
  const std::vector<std::string>& kernels() const override { return tiles_.front()->kernels(); }

 private:
  std::int64_t batch_;
  std::unique_ptr<Team> own_team_;
  Team* team_;
  std::vector<std::unique_ptr<InferencePlan>> tiles_;
  Shape input_shape_, output_shape_;
};

}  // namespace

bool takes_tiles(std::int64_t batch, int threads) {
  return threads > 1 && batch >= 2 * kFewestRows;
}

Result<std::unique_ptr<InferencePlan>> compile_tiles(const Graph& graph, std::int64_t batch,
                                                     int threads, Team* team) {
  auto plan = std::make_unique<TiledPlan>(batch, team, threads);
  TENBIN_CHECK(plan->build(graph));
  return std::unique_ptr<InferencePlan>(std::move(plan));
}

}  // namespace tenbin::dnn
