// SPDX-License-Identifier: Apache-2.0
// libtorch of Debian, trained eagerly through its C++ interface.
#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include <exception>

#include "bench/peers/torch_graph.h"
#include "bench/peers/worker.h"

namespace tenbin::bench {
namespace {

using torch::Tensor;

Error refused(const std::exception& error) {
  const std::string text = error.what();
  return {ErrorCode::kCommandFailed, "libtorch: " + text.substr(0, text.find('\n'))};
}

// The layers of the case: {op, weights: [shape], pad} each, weights from one file in this order.
class Net : public torch::nn::Module {
 public:
  void build(const Json& layers, const std::vector<float>& weights, bool nhwc) {
    std::size_t at = 0;
    const auto take = [&](const std::vector<std::int64_t>& shape) {
      Tensor out = torch::empty(shape);
      const auto count = static_cast<std::size_t>(out.numel());
      std::copy_n(weights.data() + at, count, out.data_ptr<float>());
      at += count;
      if (nhwc && shape.size() == 4) out = out.contiguous(at::MemoryFormat::ChannelsLast);
      return register_parameter("p" + std::to_string(parameters().size()), out);
    };
    for (const Json& layer : layers.items()) {
      Step step;
      step.op = layer["op"].as_string();
      step.pad = layer["pad"].as_integer();
      if (layer.contains("weights")) {
        const auto shape = integers_of(layer["weights"]);
        step.weights = take(shape);
        step.bias = take({shape[0]});
      }
      steps_.push_back(step);
    }
  }

  Tensor forward(Tensor x) const {
    for (const Step& step : steps_) {
      if (step.op == "conv") {
        x = torch::conv2d(x, step.weights, step.bias, 1, step.pad);
      } else if (step.op == "relu") {
        x = torch::relu(x);
      } else if (step.op == "pool") {
        x = torch::max_pool2d(x, 2);
      } else if (step.op == "flatten") {
        x = x.flatten(1);
      } else {
        x = torch::linear(x, step.weights, step.bias);
      }
    }
    return x;
  }

 private:
  struct Step {
    std::string op;
    Tensor weights, bias;
    std::int64_t pad = 0;
  };
  std::vector<Step> steps_;
};

class LibtorchWorker final : public Worker {
 public:
  Result<Json> hello(const std::string& kind, int threads, const std::string& precision) override {
    if (kind == "load") return Error(ErrorCode::kBadValue, "no batch feeding here");
    Json settings = Json::array();
    for (int t = 1; t <= threads; ++t) {
      for (const char* layout : {"nchw", "nhwc"}) {
        for (const bool flush : {false, true}) {
          settings.push(Json::object({{"threads", t},
                                      {"layout", layout},
                                      {"flush_denormals", flush},
                                      {"autocast", precision == "bf16"}}));
        }
      }
    }
    return Json::object({{"name", "libtorch"},
                         {"version", TENBIN_PEER_VERSION},
                         {"source", "Debian 12 libtorch-dev"},
                         {"settings", settings}});
  }

  Status prepare(const Json& work) override {
    try {
      return prepare_or_throw(work);
    } catch (const std::exception& error) {
      return refused(error);
    }
  }

  Status iterate() override {
    try {
      if (is_training_) {
        train_step();
      } else {
        forward();
      }
      return {};
    } catch (const std::exception& error) {
      return refused(error);
    }
  }

  Result<std::vector<double>> answer(std::int64_t count) override {
    try {
      std::vector<double> out;
      if (is_gradient_) return gradient();
      for (std::int64_t i = 0; i < count; ++i) {
        if (is_training_) {
          out.push_back(train_step().item<double>());
          continue;
        }
        const Tensor found = forward().contiguous();
        const float* values = found.data_ptr<float>();
        out.insert(out.end(), values, values + found.numel());
      }
      return out;
    } catch (const std::exception& error) {
      return refused(error);
    }
  }

 private:
  Status prepare_or_throw(const Json& work) {
    const Json& setting = work["setting"];
    at::set_num_threads(static_cast<int>(setting["threads"].as_integer(1)));
    at::globalContext().setFlushDenormal(setting["flush_denormals"].as_bool());
    autocast_ = setting["autocast"].as_bool();
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    const bool nhwc = setting["layout"].as_string() == "nhwc";
    TENBIN_TRY(const auto weights, read_floats(work["weights"].as_string()));
    TENBIN_TRY(features_, read_floats(work["features"].as_string()));
    TENBIN_TRY(labels_, read_integers(work["labels"].as_string()));
    net_.reset();
    graph_.reset();
    is_gradient_ = work["kind"].as_string() == "gradient";
    if (is_gradient_ || !work.contains("layers")) {
      graph_ = std::make_shared<TorchGraph>();
      graph_->build(work, weights, nhwc);
    } else {
      net_ = std::make_shared<Net>();
      net_->build(work["layers"], weights, nhwc);
    }
    is_training_ = is_gradient_ || work["kind"].as_string() == "train";
    optimizer_ = std::make_unique<torch::optim::SGD>(
        graph_ != nullptr ? graph_->parameters() : net_->parameters(),
        torch::optim::SGDOptions(work["rate"].as_number()).momentum(work["momentum"].as_number()));
    split(work, nhwc);
    return {};
  }

  // The batches as tensors, made before the clock runs.
  void split(const Json& work, bool nhwc) {
    std::vector<std::int64_t> shape = integers_of(work["row"]);
    shape.insert(shape.begin(), work["batch"].as_integer());
    batches_.clear();
    std::int64_t width = 1;
    for (const std::int64_t size : shape) width *= size;
    for (std::int64_t at = 0; (at + 1) * shape[0] <= static_cast<std::int64_t>(labels_.size());
         ++at) {
      Tensor x = torch::from_blob(features_.data() + at * width, shape);
      if (nhwc && shape.size() == 4) x = x.contiguous(at::MemoryFormat::ChannelsLast);
      batches_.emplace_back(
          x, torch::from_blob(labels_.data() + at * shape[0], {shape[0]}, torch::kInt64));
    }
    next_ = 0;
  }

  const std::pair<Tensor, Tensor>& next_batch() {
    const auto& batch = batches_[next_];
    next_ = (next_ + 1) % batches_.size();
    return batch;
  }

  Tensor train_step() {
    const auto& [x, y] = next_batch();
    optimizer_->zero_grad();
    at::autocast::set_cpu_enabled(autocast_);
    Tensor loss = torch::cross_entropy_loss(answers(x), y);
    at::autocast::set_cpu_enabled(false);
    if (autocast_) at::autocast::clear_cache();  // of the weights' bf16 copies
    loss.backward();
    optimizer_->step();
    return loss;
  }

  Tensor forward() {
    const torch::InferenceMode guard;
    return answers(next_batch().first);
  }

  Tensor answers(const Tensor& x) const {
    return graph_ != nullptr ? graph_->forward(x) : net_->forward(x);
  }

  std::vector<double> gradient() {
    const auto& [x, y] = next_batch();
    optimizer_->zero_grad();
    torch::cross_entropy_loss(answers(x), y).backward();
    std::vector<double> out;
    for (const Tensor& weight : graph_->learned()) {
      const Tensor values = weight.grad().contiguous();
      const auto some = samples_of(values.data_ptr<float>(), values.numel());
      out.insert(out.end(), some.begin(), some.end());
    }
    return out;
  }

  std::shared_ptr<Net> net_;           // a chain
  std::shared_ptr<TorchGraph> graph_;  // any other network
  std::unique_ptr<torch::optim::SGD> optimizer_;
  std::vector<float> features_;
  std::vector<std::int64_t> labels_;
  std::vector<std::pair<Tensor, Tensor>> batches_;
  std::size_t next_ = 0;
  bool is_training_ = true, is_gradient_ = false, autocast_ = false;
};

}  // namespace
}  // namespace tenbin::bench

int main() {
  tenbin::bench::LibtorchWorker worker;
  return tenbin::bench::serve(worker);
}
