// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compress/channel_spaces.h"

namespace tenbin {

// An axis that may be counted from the end.
inline std::size_t axis_in(std::int64_t axis, std::size_t rank) {
  return static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis);
}

// Goes through a network in order and says of each value where its channels stand. Each operator
// that lets channels through has a rule here; any other one fixes what it reads. Channels that a
// Split tells apart are groups of their own: the walk begins anew and makes them apart.
class ChannelWalk {
 public:
  // `graph` is borrowed: shapes inferred. Where one is not known, nothing is cut.
  explicit ChannelWalk(const Graph& graph) : graph_(graph) {}
  ChannelSpaces run() &&;

 private:
  // Where the channels of a space begin in the value that made them.
  struct Origin {
    std::string value;
    std::int64_t first = 0;
  };
  using Rule = void (ChannelWalk::*)(const OpCall&);
  static Rule rule_of(const OpCall& node);
  void walk();
  // Channels from this entry of a segment on are not those before: asks for another walk.
  void make_apart(const ChannelSegment& segment, std::int64_t entry);
  bool is_plain(const OpCall& node) const;
  void drop_misread(const OpCall& node);

  const ChannelLayout* layout(const std::string& value) const;
  const ChannelLayout* layout(const OpCall& node, std::size_t input) const;
  Shape shape(const std::string& value) const;
  bool is_constant(const std::string& value) const { return graph_.initializers.contains(value); }
  std::vector<std::int64_t> integers(const OpCall& node, std::size_t input,
                                     const std::string& attribute) const;
  void give(const std::string& value, ChannelLayout layout) { layouts_[value] = std::move(layout); }
  void give_new(const OpCall& node, std::size_t axis, std::int64_t channels,
                const std::string& weights, std::size_t weights_axis);
  void tie_bias(const OpCall& node, std::size_t input);

  void fix(const OpCall& node);        // everything it reads
  void pass(const OpCall& node);       // one operand, the same shape
  void pool(const OpCall& node);       // one operand, planes of channels
  void pointwise(const OpCall& node);  // operands that broadcast
  void meet(ChannelLayout& have, Shape& have_shape, const std::string& other);
  void tie_constant(const OpCall& node, const ChannelLayout& at, std::size_t rank,
                    const std::string& constant);
  void normalise(const OpCall& node);  // a number for each channel
  void layer_norm(const OpCall& node);
  void softmax(const OpCall& node);
  void conv(const OpCall& node);
  void conv_in_groups(const OpCall& node, std::int64_t groups);
  void conv_transpose(const OpCall& node);
  void gemm(const OpCall& node);
  void matmul(const OpCall& node);
  void products(const OpCall& node);  // of two activations
  void reduce(const OpCall& node);
  void flatten(const OpCall& node);
  void reshape(const OpCall& node);
  void regroup(const OpCall& node, const std::string& sizes);
  bool stand_side_by_side(const std::vector<ChannelSegment>& segments, const Shape& to,
                          std::size_t axis, std::size_t end) const;
  void transpose(const OpCall& node);
  void squeeze(const OpCall& node);
  void concat(const OpCall& node);
  void split(const OpCall& node);
  void give_parts(const OpCall& node, std::vector<ChannelLayout> made);
  void slice(const OpCall& node);
  void pad(const OpCall& node);
  void gather(const OpCall& node);

  const Graph& graph_;
  ChannelSpaces spaces_;
  std::map<std::string, ChannelLayout> layouts_;
  std::vector<std::pair<std::size_t, std::int64_t>> asked_;  // in which space, before which channel
  std::vector<Origin> origins_;                              // of each space
  std::map<std::string, std::set<std::int64_t>> apart_;      // where parts of a value begin
};

}  // namespace tenbin
