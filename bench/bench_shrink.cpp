// SPDX-License-Identifier: Apache-2.0
// Whether `tenbin shrink` ever ships what is not better: models x goals x bounds, on a quiet
// machine and beside processes that keep it busy. The answer that is checked: every model that was
// shipped keeps its promise when it is proven again afresh. Beside it, what the plain way would
// have shipped: everything on 8-bit grids, whatever that does.
#include <cstdio>
#include <optional>

#include "app/fakes/quiet_observer.h"
#include "app/fit/fit.h"
#include "app/shrink/shrink.h"
#include "bench/harness/program.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/process.h"
#include "platform/random.h"
#include "platform/standard_input.h"

namespace {

using namespace tenbin;

constexpr const char* kImages = "/usr/share/datasets/fashion-mnist";

// A model that is shrunk, and the rows it is shrunk on.
struct Trained {
  std::string name, model, data, target;
};

// Ten columns; the class is a smooth function of them, or one with steps, which trees follow.
std::string table(bool steps, int rows) {
  std::string out = "c0,c1,c2,c3,c4,c5,c6,c7,c8,c9,y";
  Random random(11, steps ? 2 : 1);
  for (int row = 0; row < rows; ++row) {
    double x[10];
    out += "\n";
    for (double& value : x) out += std::to_string(value = 2 * random.normal()) + ",";
    const double smooth = x[0] * x[1] + x[2] - 0.5 * x[3] * x[3] + x[4] * x[5];
    const double stepped = (x[0] > 0.4 ? 2 : -1) + (x[1] < -1 && x[2] > 0 ? 1.5 : 0) +
                           (x[3] * x[3] < 0.5 ? 1 : -0.5) + (x[4] > 1.5 || x[5] < -2 ? 0.8 : 0);
    const double score = (steps ? stepped : smooth) + 0.3 * random.normal();
    out += score < -0.5 ? "low" : score < 1.2 ? "mid" : "high";
  }
  return out + "\n";
}

class Bench {
 public:
  Bench(const bench::Options& options, std::string folder)
      : options_(options), folder_(std::move(folder)) {}

  Result<int> run() {
    TENBIN_CHECK(files_.make_folders(folder_));
    TENBIN_CHECK(make_models());
    const std::vector<double> bounds =
        options_.check ? std::vector{0.05} : std::vector{0.005, 0.02};
    const std::vector<ShrinkGoal> goals =
        options_.check ? std::vector{ShrinkGoal::kSize}
                       : std::vector{ShrinkGoal::kLatency, ShrinkGoal::kEnergy, ShrinkGoal::kSize};
    for (const Trained& model : models_) {
      for (const double bound : bounds) {
        for (const ShrinkGoal goal : goals) {
          TENBIN_CHECK(one(model, goal, bound, false));
          if (!options_.check && bound == bounds.back())
            TENBIN_CHECK(one(model, goal, bound, true));
        }
      }
    }
    std::printf(
        "bench_shrink  %d runs, %d shipped, %d of these break their promise afresh; all on "
        "8-bit grids: %d of %d break it\n",
        runs_, shipped_, broken_, plain_broken_, plain_);
    return broken_ == 0 && runs_ > 0 ? 0 : 1;
  }

 private:
  Status fit_table(const char* name, bool steps) {
    Trained out{name, folder_ + "/" + name + "/model.onnx", folder_ + "/" + name + ".csv", "y"};
    TENBIN_CHECK(files_.write_durable(out.data, table(steps, options_.check ? 4'000 : 30'000)));
    return fit_one(std::move(out), options_.check ? "time=4s" : "time=30s", "");
  }
  Status fit_one(Trained out, const std::string& limit, const std::string& from) {
    FitOptions fit_options;
    fit_options.data = out.data;
    fit_options.target = out.target;
    fit_options.output = folder_ + "/" + out.name;
    fit_options.limit = {limit};
    fit_options.from = from;
    if (!files_.exists(out.model)) {
      TENBIN_CHECK(fit(fit_options, files_, real_clock(), quiet_));
    }
    models_.push_back(std::move(out));
    return {};
  }
  bool wants(const char* name) const {
    return options_.only_case.empty() || options_.only_case == name;
  }

  Status make_models() {
    if (wants("mlp")) TENBIN_CHECK(fit_table("mlp", false));
    if (options_.check) return {};
    if (wants("trees")) TENBIN_CHECK(fit_table("trees", true));
    if (!files_.exists(kImages)) {
      std::printf("bench_shrink  no images: %s is not there\n", kImages);
      return {};
    }
    const auto images = [&](const char* name) {
      return Trained{name, folder_ + "/" + name + "/model.onnx", kImages, "label"};
    };
    if (wants("cnn")) TENBIN_CHECK(fit_one(images("cnn"), "time=60s", ""));
    for (const char* name : {"mobilenetv2", "resnet18"}) {
      // Networks of the zoo take their time to train: made before, or left out.
      if (wants(name) && files_.exists(images(name).model)) models_.push_back(images(name));
    }
    return {};
  }

  ShrinkOptions options_for(const Trained& model, ShrinkGoal goal, double bound) const {
    ShrinkOptions o;
    o.model = model.model;
    o.data = model.data;
    o.target = model.target;
    o.output = folder_ + "/small";
    o.goal = goal;
    o.max_drop = Ratio{bound};
    o.budget = options_.check ? "8s" : "25s";
    return o;
  }

  Status one(const Trained& model, ShrinkGoal goal, double bound, bool busy) {
    const std::string burn = "timeout 300 sh -c 'while :; do :; done'";
    std::vector<std::unique_ptr<Process>> children;
    for (int i = 0; busy && i < 2; ++i) {
      TENBIN_TRY(auto child, real_processes().start({"sh", "-c", burn}, {}));
      children.push_back(std::move(child));
    }
    ShrinkOptions o = options_for(model, goal, bound);
    auto result = shrink(o, files_, real_clock(), quiet_);
    ++runs_;
    std::string again = "-";
    if (result.ok() && result->exit_code == 0) {
      ++shipped_;
      o.verify = o.output;
      TENBIN_TRY(const ShrinkOutcome checked, verify_shrunk(o, files_, real_clock(), quiet_));
      again = checked.exit_code == 0 ? "holds" : checked.reason;
      broken_ += checked.exit_code == 0 ? 0 : 1;
    }
    for (auto& child : children) TENBIN_CHECK(child->send(Signal::kKill));
    const std::string verdict =
        result.ok() ? result->document["verdict"].as_string() : result.error().message();
    if (result.ok()) count_plain(result->document, goal, bound);
    std::printf("bench_shrink  %-12s %-8s %4.1f %% %-5s  %s\n    afresh: %s\n", model.name.c_str(),
                OptionText<ShrinkGoal>::print(goal).c_str(), 100 * bound, busy ? "busy" : "quiet",
                verdict.c_str(), again.c_str());
    std::fflush(stdout);
    return {};
  }

  // Whether all on 8-bit grids, shipped without a proof, would have kept the promise.
  void count_plain(const Json& document, ShrinkGoal goal, double bound) {
    for (const Json& a : document["attempts"].items()) {
      if (a["name"].as_string() != "int8") continue;
      ++plain_;
      const double gain = goal == ShrinkGoal::kLatency  ? a["times_faster"].as_number(0)
                          : goal == ShrinkGoal::kEnergy ? a["times_fewer_joules"].as_number(0)
                                                        : a["times_smaller"].as_number(0);
      const bool slower = a["times_faster"].as_number(0) < 0.98;
      const double drop = a["choose"]["drop"]["value"].as_number(1);
      plain_broken_ += gain < 1 || slower || drop > bound ? 1 : 0;
    }
  }

  const bench::Options& options_;
  std::string folder_;
  FileSystem& files_ = real_file_system();
  QuietObserver quiet_;
  std::vector<Trained> models_;
  int runs_ = 0, shipped_ = 0, broken_ = 0, plain_ = 0, plain_broken_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return bench::run_program(argc, argv, "bench_shrink", [](const bench::Options& options) {
    const std::string name = options.check ? "/bench_shrink_check" : "/bench_shrink";
    return Bench(options, temporary_folder() + name).run();
  });
}
