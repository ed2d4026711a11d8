// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "compress/channel_walk.h"
#include "compress/layers.h"

// Rules of operators that move, join, part or take away dimensions.
namespace tenbin {
namespace {

// Two shapes of the same count as pairs of runs of dimensions of equal products.
struct Run {
  std::size_t from_begin, from_end, to_begin, to_end;
};
std::vector<Run> runs_of(const Shape& from, const Shape& to) {
  std::vector<Run> out;
  std::size_t i = 0, j = 0;
  while (i < from.size() && j < to.size()) {
    Run run{i, i + 1, j, j + 1};
    std::int64_t a = from[i], b = to[j];
    while (a != b) {
      if (a < b) {
        if (run.from_end == from.size()) return {};
        a *= from[run.from_end++];
      } else {
        if (run.to_end == to.size()) return {};
        b *= to[run.to_end++];
      }
    }
    out.push_back(run);
    i = run.from_end;
    j = run.to_end;
  }
  if (!out.empty()) {  // ones at the end
    out.back().from_end = from.size();
    out.back().to_end = to.size();
  }
  return out;
}

std::int64_t product(const Shape& shape, std::size_t begin, std::size_t end) {
  std::int64_t out = 1;
  for (std::size_t i = begin; i < end; ++i) out *= shape[i];
  return out;
}

}  // namespace

void ChannelWalk::reduce(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  if (read == nullptr) return;
  const std::size_t rank = shape(node.inputs[0]).size();
  const std::vector<std::int64_t> axes = integers(node, 1, "axes");
  ChannelLayout made = *read;
  for (const std::int64_t given : axes) {
    const std::size_t axis = axis_in(given, rank);
    if (axis == read->axis) return fix(node);
    if (axis < read->axis && node.integer("keepdims", 1) == 0) --made.axis;
  }
  if (axes.empty()) return fix(node);
  give(node.outputs[0], std::move(made));
}

void ChannelWalk::flatten(const OpCall& node) { regroup(node, ""); }

void ChannelWalk::reshape(const OpCall& node) {
  if (node.inputs.size() < 2 || !is_constant(node.inputs[1])) return fix(node);
  regroup(node, node.inputs[1]);
}

// Whether segments are told apart by a dimension of their own, as in [3, heads, head width].
bool ChannelWalk::stand_side_by_side(const std::vector<ChannelSegment>& segments, const Shape& to,
                                     std::size_t axis, std::size_t end) const {
  const std::int64_t one = product(to, axis + 1, end);
  return segments.size() > 1 && axis + 1 < end &&
         static_cast<std::int64_t>(segments.size()) == to[axis] &&
         std::ranges::all_of(segments, [&](const ChannelSegment& segment) {
           return segment.times == 1 && segment.per == 1 && spaces_.entries(segment) == one;
         });
}

// The channels are the outermost of what is joined or parted, or they are lost.
void ChannelWalk::regroup(const OpCall& node, const std::string& sizes) {
  const ChannelLayout* read = layout(node, 0);
  if (read == nullptr) return;
  const Shape from = shape(node.inputs[0]), to = shape(node.outputs[0]);
  const auto runs = runs_of(from, to);
  const auto run = std::ranges::find_if(
      runs, [&](const Run& r) { return read->axis >= r.from_begin && read->axis < r.from_end; });
  if (run == runs.end() || product(from, run->from_begin, read->axis) != 1) return fix(node);
  std::size_t axis = run->to_begin;
  while (axis + 1 < run->to_end && to[axis] == 1) ++axis;
  ChannelLayout made{axis, read->segments};
  if (stand_side_by_side(made.segments, to, axis, run->to_end)) {
    made = {axis + 1, {made.segments.front()}};
    for (const ChannelSegment& other : read->segments) {
      spaces_.unite(made, {axis + 1, {other}});
    }
    ++axis;
  }
  const std::int64_t inside = product(from, read->axis + 1, run->from_end);
  const std::int64_t rest = product(to, axis + 1, run->to_end);
  for (ChannelSegment& segment : made.segments) {
    segment.times *= inside;
    const std::int64_t whole = spaces_.channels(segment.space) * segment.times;
    if (rest > 1 && (segment.times != 1 || whole % rest != 0)) return fix(node);
    if (rest > 1) spaces_.coarsen(segment.space, segment.per * rest);
    segment.per *= rest;
  }
  if (!sizes.empty()) {
    const auto wanted = integers(node, 1, "");
    if (axis < wanted.size() && wanted[axis] > 0) {
      for (const ChannelSegment& segment : made.segments) {
        spaces_.tie_size(segment, sizes, static_cast<std::int64_t>(axis));
      }
    }
    if (axis < wanted.size() && wanted[axis] == 0 && axis != read->axis) return fix(node);
  }
  give(node.outputs[0], std::move(made));
}

void ChannelWalk::transpose(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  if (read == nullptr) return;
  const auto order = node.integers("perm");
  const auto found = std::ranges::find(order, static_cast<std::int64_t>(read->axis));
  if (found == order.end()) return fix(node);
  give(node.outputs[0], {static_cast<std::size_t>(found - order.begin()), read->segments});
}

// Dimensions of 1 go or come: the channels stand at the place with as much before it.
void ChannelWalk::squeeze(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  if (read == nullptr) return;
  const Shape from = shape(node.inputs[0]), to = shape(node.outputs[0]);
  const std::int64_t before = product(from, 0, read->axis);
  for (std::size_t axis = 0; axis < to.size(); ++axis) {
    if (product(to, 0, axis) == before && to[axis] == from[read->axis]) {
      return give(node.outputs[0], {axis, read->segments});
    }
  }
  fix(node);
}

void ChannelWalk::concat(const OpCall& node) {
  const std::size_t rank = shape(node.outputs[0]).size();
  const std::size_t axis = axis_in(node.integer("axis", 1), rank);
  const ChannelLayout* first = layout(node, 0);
  const bool all = std::ranges::all_of(node.inputs, [&](const std::string& value) {
    return layout(value) != nullptr && layout(value)->axis == first->axis;
  });
  if (first == nullptr || !all) return fix(node);
  ChannelLayout made = *first;
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    const ChannelLayout& next = *layout(node, i);
    if (first->axis == axis) {
      made.segments.insert(made.segments.end(), next.segments.begin(), next.segments.end());
    } else {
      spaces_.unite(made, next);
    }
  }
  give(node.outputs[0], std::move(made));
}

// Each output takes whole segments; where one ends inside of a segment, the next walk has two.
void ChannelWalk::split(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  if (read == nullptr) return;
  const ChannelLayout from = *read;
  if (axis_in(node.integer("axis", 0), shape(node.inputs[0]).size()) != from.axis) {
    for (const std::string& output : node.outputs) give(output, from);
    return;
  }
  std::vector<ChannelLayout> made;
  std::size_t next = 0;
  std::int64_t begin = 0, end = 0;  // of the next segment, of the output
  bool whole = true;
  for (const std::string& output : node.outputs) {
    if (output.empty()) return fix(node);
    made.push_back({from.axis, {}});
    end += shape(output)[from.axis];
    while (next < from.segments.size() && begin + spaces_.entries(from.segments[next]) <= end) {
      made.back().segments.push_back(from.segments[next]);
      begin += spaces_.entries(from.segments[next++]);
    }
    if (begin == end) continue;
    if (begin < end) make_apart(from.segments[next], end - begin);
    whole = false;
  }
  if (!whole) return fix(node);
  give_parts(node, std::move(made));
}

// The sizes of parts are in a constant that counts them, or equal and stay so.
void ChannelWalk::give_parts(const OpCall& node, std::vector<ChannelLayout> made) {
  const bool given = node.inputs.size() > 1 && !node.inputs[1].empty();
  if (node.find("split") != nullptr || (given && !is_constant(node.inputs[1]))) return fix(node);
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (given) {
      for (const ChannelSegment& segment : made[i].segments) {
        spaces_.tie_size(segment, node.inputs[1], static_cast<std::int64_t>(i));
      }
    } else if (i > 0) {
      spaces_.unite(made[0], made[i]);
    }
  }
  for (std::size_t i = 0; i < made.size(); ++i) give(node.outputs[i], std::move(made[i]));
}

void ChannelWalk::slice(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  if (read == nullptr) return;
  const Shape from = shape(node.inputs[0]), to = shape(node.outputs[0]);
  const auto axes = integers(node, 3, "axes");
  const bool named = std::ranges::any_of(
      axes, [&](std::int64_t axis) { return axis_in(axis, from.size()) == read->axis; });
  if (axes.empty() || named || from.size() != to.size()) return fix(node);
  pass(node);
}

// Pad and Resize: what they do not change they let through.
void ChannelWalk::pad(const OpCall& node) {
  const ChannelLayout* read = layout(node, 0);
  if (read == nullptr) return;
  const Shape from = shape(node.inputs[0]), to = shape(node.outputs[0]);
  if (from.size() != to.size() || from[read->axis] != to[read->axis]) return fix(node);
  // Sizes that are given may name the channels.
  if (node.op == "Resize" && node.inputs.size() > 3 && !node.inputs[3].empty()) return fix(node);
  pass(node);
}

void ChannelWalk::gather(const OpCall& node) {
  if (layout(node, 1) != nullptr) return fix(node);  // channels say which
  const std::int64_t given = node.integer("axis", 0);
  const Shape data = shape(node.inputs[0]), places = shape(node.inputs[1]);
  if (is_constant(node.inputs[0])) {  // an embedding
    const bool rows = float_constant(graph_, node, 0) != nullptr && data.size() == 2 && given == 0;
    if (rows) give_new(node, places.size(), data[1], node.inputs[0], 1);
    return;
  }
  const ChannelLayout* read = layout(node, 0);
  const std::size_t axis = axis_in(given, data.size());
  if (read == nullptr || !is_constant(node.inputs[1])) return fix(node);
  if (read->axis == axis) {  // of queries, keys and values in one, perhaps
    if (read->segments.size() == 1) {
      for (std::int64_t i = 1; i < data[axis]; ++i) make_apart(read->segments.front(), i);
    }
    return fix(node);
  }
  const std::size_t before = read->axis > axis ? places.size() : 1;
  give(node.outputs[0], {read->axis + before - 1, read->segments});
}

}  // namespace tenbin
