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
  TiledPlan(std::int64_t batch, const PlanOptions& options)
      : batch_(batch), team_(options.team), precision_(options.precision) {
    if (team_ != nullptr) return;
    own_team_ = std::make_unique<Team>(options.threads, [] { omp_set_num_threads(1); });
    team_ = own_team_.get();
  }

  Status build(const Graph& graph) {
    const std::int64_t most = kTilesAThread * team_->threads();
    const std::int64_t rows = std::max(kFewestRows, (batch_ + most - 1) / most);
    for (std::int64_t first = 0; first < batch_; first += rows) {
      TENBIN_TRY(auto tile, compile_single(graph, std::min(rows, batch_ - first), precision_));
      tiles_.push_back(std::move(tile));
    }
    input_shapes_ = tiles_.front()->input_shapes();
    output_shapes_ = tiles_.front()->output_shapes();
    for (Shape& shape : input_shapes_) shape[0] = batch_;
    for (Shape& shape : output_shapes_) shape[0] = batch_;
    return {};
  }

  std::int64_t batch() const override { return batch_; }
  const std::vector<Shape>& input_shapes() const override { return input_shapes_; }
  const std::vector<Shape>& output_shapes() const override { return output_shapes_; }
  void run(std::span<const std::span<const float>> inputs,
           std::span<const std::span<float>> outputs, StepWatch* watch) override {
    const auto rows = static_cast<std::size_t>(tiles_.front()->batch());
    auto piece = [&](int index) {
      const std::size_t first = static_cast<std::size_t>(index) * rows;
      // The rows of a tile in each of several buffers.
      const auto parts = [&](auto buffers, const std::vector<Shape>& shapes) {
        std::vector<typename decltype(buffers)::value_type> out;
        for (std::size_t i = 0; i < buffers.size(); ++i) {
          const auto width = static_cast<std::size_t>(count_of(shapes[i]) / batch_);
          const std::size_t begin = std::min(buffers[i].size(), first * width);
          out.push_back(
              buffers[i].subspan(begin, std::min(rows * width, buffers[i].size() - begin)));
        }
        return out;
      };
      const auto in = parts(inputs, input_shapes_);
      const auto out = parts(outputs, output_shapes_);
      tiles_[static_cast<std::size_t>(index)]->run(in, out, watch);
    };
    const int tiles = static_cast<int>(tiles_.size());
    if (watch == nullptr) return team_->run(tiles, piece);
    for (int i = 0; i < tiles; ++i) piece(i);
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
  Precision precision_;
  std::vector<std::unique_ptr<InferencePlan>> tiles_;
  std::vector<Shape> input_shapes_, output_shapes_;
};

}  // namespace

bool takes_tiles(std::int64_t batch, int threads) {
  return threads > 1 && batch >= 2 * kFewestRows;
}

Result<std::unique_ptr<InferencePlan>> compile_tiles(const Graph& graph, std::int64_t batch,
                                                     const PlanOptions& options) {
  auto plan = std::make_unique<TiledPlan>(batch, options);
  TENBIN_CHECK(plan->build(graph));
  return std::unique_ptr<InferencePlan>(std::move(plan));
}

}  // namespace tenbin::dnn
