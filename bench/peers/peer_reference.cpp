// SPDX-License-Identifier: Apache-2.0
// The judge: the same nets in plain loops and double precision. Slow, and easy to believe.
#include <algorithm>
#include <cmath>
#include <memory>

#include "bench/peers/worker.h"

namespace tenbin::bench {
namespace {

using Values = std::vector<double>;

// Where one row stands between two layers.
struct Plane {
  std::size_t channels = 1, height = 1, width = 1;
  std::size_t size() const { return channels * height * width; }
  std::size_t at(std::size_t c, std::size_t y, std::size_t x) const {
    return (c * height + y) * width + x;
  }
};

// One layer on one row. forward() keeps what backward() needs; gradients add up over rows.
class Layer {
 public:
  virtual ~Layer() = default;
  virtual Values forward(const Values& src) = 0;
  virtual Values backward(const Values& diff_dst) = 0;
  Plane dst;
  Values weights, bias, diff_weights, diff_bias, speed_weights, speed_bias;
};

class Relu final : public Layer {
 public:
  explicit Relu(Plane plane) { dst = plane; }
  Values forward(const Values& src) override {
    src_ = src;
    Values out = src;
    for (double& value : out) value = std::max(value, 0.0);
    return out;
  }
  Values backward(const Values& diff_dst) override {
    Values out = diff_dst;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = src_[i] > 0 ? out[i] : 0;
    return out;
  }

 private:
  Values src_;
};

class Pool final : public Layer {
 public:
  explicit Pool(Plane plane) : from_(plane) {
    dst = {plane.channels, plane.height / 2, plane.width / 2};
  }
  Values forward(const Values& src) override {
    Values out(dst.size());
    best_.assign(dst.size(), 0);
    for (std::size_t c = 0; c < dst.channels; ++c) {
      for (std::size_t y = 0; y < dst.height; ++y) {
        for (std::size_t x = 0; x < dst.width; ++x) {
          std::size_t best = from_.at(c, 2 * y, 2 * x);
          for (const std::size_t i : {from_.at(c, 2 * y, 2 * x + 1), from_.at(c, 2 * y + 1, 2 * x),
                                      from_.at(c, 2 * y + 1, 2 * x + 1)}) {
            if (src[i] > src[best]) best = i;
          }
          best_[dst.at(c, y, x)] = best;
          out[dst.at(c, y, x)] = src[best];
        }
      }
    }
    return out;
  }
  Values backward(const Values& diff_dst) override {
    Values out(from_.size());
    for (std::size_t i = 0; i < diff_dst.size(); ++i) out[best_[i]] += diff_dst[i];
    return out;
  }

 private:
  Plane from_;
  std::vector<std::size_t> best_;
};

class Dense final : public Layer {
 public:
  Dense(std::size_t in, std::size_t out) : in_(in) { dst = {out, 1, 1}; }
  Values forward(const Values& src) override {
    src_ = src;
    Values out = bias;
    for (std::size_t o = 0; o < out.size(); ++o) {
      for (std::size_t i = 0; i < in_; ++i) out[o] += weights[o * in_ + i] * src[i];
    }
    return out;
  }
  Values backward(const Values& diff_dst) override {
    Values out(in_);
    for (std::size_t o = 0; o < diff_dst.size(); ++o) {
      diff_bias[o] += diff_dst[o];
      for (std::size_t i = 0; i < in_; ++i) {
        diff_weights[o * in_ + i] += diff_dst[o] * src_[i];
        out[i] += diff_dst[o] * weights[o * in_ + i];
      }
    }
    return out;
  }

 private:
  std::size_t in_;
  Values src_;
};

class Conv final : public Layer {
 public:
  Conv(Plane from, std::size_t out, std::size_t kernel, std::size_t pad)
      : from_(from), kernel_(kernel), pad_(pad) {
    dst = {out, from.height + 2 * pad - kernel + 1, from.width + 2 * pad - kernel + 1};
  }
  Values forward(const Values& src) override {
    src_ = src;
    Values out(dst.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = bias[i / (dst.height * dst.width)];
    visit([&](std::size_t d, std::size_t w, std::size_t s) { out[d] += weights[w] * src[s]; });
    return out;
  }
  Values backward(const Values& diff_dst) override {
    Values out(from_.size());
    for (std::size_t i = 0; i < diff_dst.size(); ++i) {
      diff_bias[i / (dst.height * dst.width)] += diff_dst[i];
    }
    visit([&](std::size_t d, std::size_t w, std::size_t s) {
      diff_weights[w] += diff_dst[d] * src_[s];
      out[s] += diff_dst[d] * weights[w];
    });
    return out;
  }

 private:
  // Every product of the convolution: places in dst, weights and src. Padding is left out.
  template <class Product> void visit(Product product) const {
    for (std::size_t o = 0; o < dst.channels; ++o) {
      for (std::size_t c = 0; c < from_.channels; ++c) {
        for (std::size_t k = 0; k < kernel_ * kernel_; ++k) {
          const std::size_t weight = (o * from_.channels + c) * kernel_ * kernel_ + k;
          visit_plane(o, c, k, [&](std::size_t d, std::size_t s) { product(d, weight, s); });
        }
      }
    }
  }
  template <class Pair>
  void visit_plane(std::size_t o, std::size_t c, std::size_t k, Pair pair) const {
    for (std::size_t y = 0; y < dst.height; ++y) {
      const std::size_t from_y = y + k / kernel_;
      if (from_y < pad_ || from_y - pad_ >= from_.height) continue;
      for (std::size_t x = 0; x < dst.width; ++x) {
        const std::size_t from_x = x + k % kernel_;
        if (from_x < pad_ || from_x - pad_ >= from_.width) continue;
        pair(dst.at(o, y, x), from_.at(c, from_y - pad_, from_x - pad_));
      }
    }
  }

  Plane from_;
  std::size_t kernel_, pad_;
  Values src_;
};

std::unique_ptr<Layer> make_layer(const Json& layer, Plane from) {
  const std::string& op = layer["op"].as_string();
  const auto shape = integers_of(layer["weights"]);
  if (op == "pool") return std::make_unique<Pool>(from);
  if (op == "dense") {
    return std::make_unique<Dense>(from.size(), static_cast<std::size_t>(shape[0]));
  }
  if (op == "conv") {
    return std::make_unique<Conv>(from, static_cast<std::size_t>(shape[0]),
                                  static_cast<std::size_t>(shape[2]),
                                  static_cast<std::size_t>(layer["pad"].as_integer()));
  }
  return std::make_unique<Relu>(from);
}

class ReferenceWorker final : public Worker {
 public:
  Result<Json> hello(const std::string&, int, const std::string&) override {
    return Json::object({{"name", "reference"},
                         {"version", TENBIN_VERSION},
                         {"source", "plain loops in double precision"},
                         {"settings", Json::array_of(std::vector<Json>{Json::object()})}});
  }

  Status prepare(const Json& work) override {
    work_ = work;
    TENBIN_TRY(features_, read_floats(work["features"].as_string()));
    TENBIN_TRY(labels_, read_integers(work["labels"].as_string()));
    batch_ = static_cast<std::size_t>(work["batch"].as_integer());
    width_ = features_.size() / labels_.size();
    next_ = 0;
    layers_.clear();
    return work["kind"].as_string() == "load" ? Status() : build();
  }

  Status iterate() override {
    TENBIN_CHECK(answer(1));
    return {};
  }

  Result<std::vector<double>> answer(std::int64_t count) override {
    const std::string& kind = work_["kind"].as_string();
    if (kind == "load") return epoch();
    Values out;
    for (std::int64_t i = 0; i < count; ++i) {
      const bool is_training = kind == "train";
      Values got = is_training ? Values{train_step()} : outputs();
      out.insert(out.end(), got.begin(), got.end());
      next_ = (next_ + 1) % (labels_.size() / batch_);
    }
    return out;
  }

 private:
  Status build() {
    TENBIN_TRY(const auto weights, read_floats(work_["weights"].as_string()));
    const auto row = integers_of(work_["row"]);
    Plane plane{static_cast<std::size_t>(row[0]), 1, 1};
    if (row.size() == 3) {
      plane.height = static_cast<std::size_t>(row[1]);
      plane.width = static_cast<std::size_t>(row[2]);
    }
    auto from = weights.begin();
    const auto take = [&](std::size_t size) {
      Values out(from, from + static_cast<std::ptrdiff_t>(size));
      from += static_cast<std::ptrdiff_t>(size);
      return out;
    };
    for (const Json& json : work_["layers"].items()) {
      if (json["op"].as_string() == "flatten") continue;
      auto layer = make_layer(json, plane);
      plane = layer->dst;
      std::size_t size = json.contains("weights") ? 1 : 0;
      for (const std::int64_t side : integers_of(json["weights"])) {
        size *= static_cast<std::size_t>(side);
      }
      layer->weights = take(size);
      layer->bias = take(size > 0 ? plane.channels : 0);
      layer->speed_weights.assign(layer->weights.size(), 0);
      layer->speed_bias.assign(layer->bias.size(), 0);
      layers_.push_back(std::move(layer));
    }
    return {};
  }

  Values forward(std::size_t row) {
    const auto begin = features_.begin() + static_cast<std::ptrdiff_t>(row * width_);
    Values x(begin, begin + static_cast<std::ptrdiff_t>(width_));
    for (const auto& layer : layers_) x = layer->forward(x);
    return x;
  }

  Values outputs() {
    Values out;
    for (std::size_t r = 0; r < batch_; ++r) {
      const Values logits = forward(next_ * batch_ + r);
      out.insert(out.end(), logits.begin(), logits.end());
    }
    return out;
  }

  // Softmax cross-entropy, the mean over the batch; momentum as v = m v + g, w = w - rate v.
  double train_step() {
    for (const auto& layer : layers_) {
      layer->diff_weights.assign(layer->weights.size(), 0);
      layer->diff_bias.assign(layer->bias.size(), 0);
    }
    double loss = 0;
    for (std::size_t r = 0; r < batch_; ++r) {
      const std::size_t row = next_ * batch_ + r;
      Values diff = forward(row);
      const double top = *std::ranges::max_element(diff);
      double sum = 0;
      for (const double value : diff) sum += std::exp(value - top);
      const auto label = static_cast<std::size_t>(labels_[row]);
      loss += std::log(sum) + top - diff[label];
      for (double& value : diff) {
        value = std::exp(value - top) / sum / static_cast<double>(batch_);
      }
      diff[label] -= 1 / static_cast<double>(batch_);
      for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
        diff = (*layer)->backward(diff);
      }
    }
    for (const auto& layer : layers_) {
      move(layer->weights, layer->speed_weights, layer->diff_weights);
      move(layer->bias, layer->speed_bias, layer->diff_bias);
    }
    return loss / static_cast<double>(batch_);
  }

  void move(Values& weights, Values& speed, const Values& gradient) const {
    const double momentum = work_["momentum"].as_number(), rate = work_["rate"].as_number();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      speed[i] = momentum * speed[i] + gradient[i];
      weights[i] -= rate * speed[i];
    }
  }

  Values epoch() const {
    Values out = {static_cast<double>(labels_.size()), 0, 0};
    for (std::size_t r = 0; r < labels_.size(); ++r) {
      out[1] += static_cast<double>(features_[r * width_]);
      out[2] += static_cast<double>(labels_[r]);
    }
    return out;
  }

  Json work_;
  std::vector<float> features_;
  std::vector<std::int64_t> labels_;
  std::size_t batch_ = 0, width_ = 0, next_ = 0;
  std::vector<std::unique_ptr<Layer>> layers_;
};

}  // namespace
}  // namespace tenbin::bench

int main() {
  tenbin::bench::ReferenceWorker worker;
  return tenbin::bench::serve(worker);
}
