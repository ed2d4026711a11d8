// SPDX-License-Identifier: Apache-2.0
#include "plan/profile_advice.h"

#include <algorithm>
#include <cstdio>
#include <map>

namespace tenbin {
namespace {

constexpr double kWorthIt = 0.01;      // of the time
constexpr double kNearLimit = 0.6;     // of the peak: only less work helps
constexpr double kFarFromLimit = 0.4;  // below, the shape does not suit the kernels

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, share < 0.095 ? "%.1f %%" : "%.0f %%", 100 * share);
  return text;
}

std::string times(double factor) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f", factor);
  return text;
}

// Rows that one advice is about.
struct Group {
  double share = 0;  // of the run's time
  double saving = 0;
  std::size_t nodes = 0;
  const ProfiledNode* largest = nullptr;

  void add(const ProfiledNode& node, double node_share, double gain) {
    share += node_share;
    saving += node_share * gain;
    ++nodes;
    if (largest == nullptr || node.time > largest->time) largest = &node;
  }
  // "3 nodes, 12 % of the time, most in 'conv1'".
  std::string text() const {
    std::string out = nodes == 1 ? "1 node, " : std::to_string(nodes) + " nodes, ";
    out += percent(share) + " of the time";
    return out + (nodes == 1 ? ", '" : ", most in '") + largest->name + "'";
  }
};

double reached(const ProfiledNode& node) {
  return node.time.count() == 0 ? 1 : in_seconds(node.floor.least()) / in_seconds(node.time);
}

class Adviser {
 public:
  explicit Adviser(const ProfileSnapshot& profile) : profile_(profile) {
    Duration sum = profile.between;
    for (const ProfiledNode& node : profile.nodes) sum += node.time;
    whole_ = std::max(1.0, static_cast<double>(sum.count()));
    for (const ProfiledNode& node : profile.nodes) sort(node);
  }

  std::vector<Advice> all() {
    conversions();
    plain();
    norms();
    passes();
    weights();
    depthwise();
    arithmetic();
    calls();
    threads();
    return std::move(out_);
  }

 private:
  void sort(const ProfiledNode& node) {
    const double share = static_cast<double>(node.time.count()) / whole_;
    if (node.ran == RanIn::kConversion) return conversions_.add(node, share, 0.9);
    if (node.ran == RanIn::kPlain) return plain_[node.ops.front()].add(node, share, 0.8);
    if (node.ops.front() == "BatchNormalization") return norms_.add(node, share, 0.9);
    if (node.depthwise) return depthwise_.add(node, share, 0.3);
    if (node.macs.count == 0) return passes_.add(node, share, 0.7);
    if (node.floor.by_memory()) return weights_.add(node, share, 0.6);
    const double share_of_peak = reached(node);
    if (share_of_peak >= kNearLimit) return limit_.add(node, share, 0.4);
    if (share_of_peak < kFarFromLimit) return shapes_.add(node, share, 0.5 - share_of_peak);
  }

  void advise(double saving, std::string what, std::string why) {
    if (saving >= kWorthIt) out_.push_back({std::move(what), std::move(why), saving});
  }

  void conversions() {
    if (conversions_.nodes == 0) return;
    advise(conversions_.saving, "keep one layout from layer to layer",
           "layout conversions take " + percent(conversions_.share) +
               " of the time, most before '" + conversions_.largest->name +
               "'; operators between convolutions that need rows in order (Reshape, Transpose, "
               "Concat of odd channel counts) cause them");
  }

  void plain() {
    for (const auto& [op, group] : plain_) {
      advise(group.saving, "replace or move out " + op,
             op + " runs in plain loops (" + group.text() +
                 "): write it with operators that are compiled, or compare --engine onnxruntime");
    }
  }

  void norms() {
    if (norms_.nodes == 0) return;
    advise(norms_.saving, "fold the batch normalisation",
           "BatchNormalization runs on its own (" + norms_.text() +
               "): straight behind a Conv or Gemm that nothing else reads, it costs nothing");
  }

  void passes() {
    if (passes_.nodes == 0) return;
    advise(passes_.saving, "fuse passes over memory",
           "operators without arithmetic of their own are bound by memory (" + passes_.text() +
               "): put activations straight behind the layer that feeds them, drop what only "
               "reorders");
  }

  void weights() {
    if (weights_.nodes == 0) return;
    const bool few = profile_.batch < 8;
    advise(weights_.saving,
           few ? "answer more rows at once, or shrink the weights to int8"
               : "shrink weights and activations to int8 or bf16",
           "layers wait for bytes, not for arithmetic (" + weights_.text() + "): " +
               (few ? "weights are read again for every " +
                          (profile_.batch == 1 ? "row" : std::to_string(profile_.batch) + " rows") +
                          "; int8 is a quarter of the bytes"
                    : std::string("int8 is a quarter of the bytes, bf16 a half")));
  }

  void depthwise() {
    if (depthwise_.nodes == 0) return;
    advise(depthwise_.saving, "use fewer, wider depthwise convolutions",
           "a depthwise convolution reads as much as it multiplies (" + depthwise_.text() +
               "): bandwidth bounds it, so fewer channels or a plain convolution of the same time "
               "may answer better");
  }

  void arithmetic() {
    if (shapes_.nodes > 0) {
      advise(shapes_.saving, "give slow layers shapes that fill the vectors",
             "layers reach little of the peak (" + shapes_.text() + ", there " +
                 percent(reached(*shapes_.largest)) +
                 "): channels in multiples of 16 and larger images or batches suit the kernels");
    }
    if (limit_.nodes == 0) return;
    const double gain =
        std::max(profile_.bfloat16_gain.value_or(1), profile_.int8_gain.value_or(1));
    const std::string lower =
        gain > 1.2 ? std::string("; lower precision has a peak ") + times(gain) + " times as high"
                   : std::string();
    advise(limit_.saving, "do less arithmetic: prune, or choose a smaller network",
           "layers run near the machine's limit (" + limit_.text() + ", there " +
               percent(reached(*limit_.largest)) + " of the peak)" + lower);
  }

  void calls() {
    const double share = static_cast<double>(profile_.between.count()) / whole_;
    if (profile_.best_batch > profile_.batch && profile_.best_batch_gain > 1.15) {
      advise(1 - 1 / profile_.best_batch_gain,
             "answer " + std::to_string(profile_.best_batch) + " rows at once",
             "a batch of " + std::to_string(profile_.best_batch) + " gives " +
                 times(profile_.best_batch_gain) + " times the rows a second of batch " +
                 std::to_string(profile_.batch) + "; " + percent(share) +
                 " of the time here goes to calls and copies between the steps");
    } else if (share > 0.1) {
      advise(share * 0.5, "join small steps, or answer more rows at once",
             percent(share) + " of the time goes to calls and copies between the steps");
    }
  }

  void threads() {
    if (profile_.threads >= profile_.threads_here || profile_.batch < 16) return;
    advise(1 - static_cast<double>(profile_.threads) / profile_.threads_here,
           "use " + std::to_string(profile_.threads_here) + " threads",
           "the run used " + std::to_string(profile_.threads) + " of " +
               std::to_string(profile_.threads_here) + " threads; large batches are shared out");
  }

  const ProfileSnapshot& profile_;
  double whole_ = 1;
  Group conversions_, norms_, passes_, weights_, depthwise_, limit_, shapes_;
  std::map<std::string, Group> plain_;
  std::vector<Advice> out_;
};

}  // namespace

std::vector<Advice> first_changes(const ProfileSnapshot& profile, std::size_t most) {
  std::vector<Advice> out = Adviser(profile).all();
  std::stable_sort(out.begin(), out.end(),
                   [](const Advice& a, const Advice& b) { return a.share > b.share; });
  if (out.size() > most) out.resize(most);
  return out;
}

}  // namespace tenbin
