// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/recompute.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

namespace tenbin::dnn {
namespace {

constexpr int kSegments[] = {2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48};

// When each buffer is first and last touched, and last by a forward step.
struct Touches {
  explicit Touches(const StepTrace& t)
      : first(t.buffers.size(), -1),
        last_forward(t.buffers.size(), -1),
        last(t.buffers.size(), -1) {
    for (std::size_t s = 0; s < t.touched.size(); ++s) {
      for (const int b : t.touched[s]) {
        const auto i = static_cast<std::size_t>(b);
        const int step = static_cast<int>(s);
        if (first[i] < 0) first[i] = t.buffers[i].from_start ? 0 : step;
        if (step < t.forward) last_forward[i] = step;
        last[i] = step;
      }
    }
  }
  std::vector<int> first, last_forward, last;
};

class Chooser {
 public:
  Chooser(const StepTrace& trace, std::size_t bytes)
      : trace_(trace), bytes_(bytes), touches_(trace) {
    weigh_cuts();
  }

  Recompute choose() {
    Recompute best;
    best.most_alive = most_alive(lifetimes_of(trace_, turns_of(trace_, best)));
    if (best.most_alive <= bytes_) return best;
    for (const int count : kSegments) {
      const std::vector<int> cuts = cuts_for(count);
      Recompute how;
      // The earliest lie longest: they gain most.
      for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        add_segment(how, cuts[i], cuts[i + 1]);
        how.most_alive = most_alive(lifetimes_of(trace_, turns_of(trace_, how)));
        if (better(how, best)) best = how;
      }
    }
    return best;
  }

 private:
  bool better(const Recompute& a, const Recompute& b) const {
    const bool a_fits = a.most_alive <= bytes_, b_fits = b.most_alive <= bytes_;
    if (a_fits != b_fits) return a_fits;
    return a_fits ? a.touched < b.touched : a.most_alive < b.most_alive;
  }

  std::size_t size_of(int buffer) const {
    return trace_.buffers[static_cast<std::size_t>(buffer)].bytes;
  }
  bool wanted_backwards(std::size_t b) const { return touches_.last[b] >= trace_.forward; }

  // For a cut before each forward step: whether it may be made, the bytes that cross it, and those
  // that the steps before it leave for the way back.
  void weigh_cuts() {
    const auto forward = static_cast<std::size_t>(trace_.forward);
    crossing_.assign(forward + 1, 0);
    left_.assign(forward + 1, 0);
    may_cut_.assign(forward + 1, true);
    for (std::size_t b = 0; b < trace_.buffers.size(); ++b) {
      const int first = touches_.first[b];
      if (first < 0 || first >= trace_.forward) continue;
      const std::size_t bytes = trace_.buffers[b].bytes;
      for (int cut = first + 1; cut <= touches_.last_forward[b]; ++cut) {
        crossing_[static_cast<std::size_t>(cut)] += bytes;
      }
      if (!wanted_backwards(b)) continue;
      for (int cut = first + 1; cut <= trace_.forward; ++cut) {
        left_[static_cast<std::size_t>(cut)] += bytes;
      }
    }
    for (const auto& [step, buffer] : trace_.rewrites) {
      // What lies before a cut stays as it is behind it.
      const int first = touches_.first[static_cast<std::size_t>(buffer)];
      if (step >= trace_.forward) continue;
      for (int cut = first + 1; cut <= step; ++cut) {
        may_cut_[static_cast<std::size_t>(cut)] = false;
      }
    }
  }

  // The ends of so many segments, each of which leaves about as much, cut where least crosses.
  std::vector<int> cuts_for(int count) const {
    const std::size_t all = left_.back();
    std::vector<int> cuts = {0};
    for (int i = 1; i < count; ++i) {
      const auto share = [&](double at) {
        return static_cast<std::size_t>(static_cast<double>(all) * at / count);
      };
      std::size_t least = std::numeric_limits<std::size_t>::max();
      int best = -1;
      for (int cut = cuts.back() + 1; cut < trace_.forward; ++cut) {
        const auto at = static_cast<std::size_t>(cut);
        if (left_[at] < share(i - 0.4) || left_[at] > share(i + 0.4) || !may_cut_[at]) continue;
        if (crossing_[at] >= least) continue;
        least = crossing_[at];
        best = cut;
      }
      if (best > 0) cuts.push_back(best);
    }
    return cuts;
  }

  // Steps [begin, end) run again for what the way back wants of them and no later segment keeps.
  void add_segment(Recompute& how, int begin, int end) const {
    const auto born_here = [&](int b) {
      const int first = touches_.first[static_cast<std::size_t>(b)];
      return first >= begin && first < end &&
             !trace_.buffers[static_cast<std::size_t>(b)].from_start;
    };
    const auto is_kept = [&](int b) {
      const auto i = static_cast<std::size_t>(b);
      return touches_.last_forward[i] >= end || trace_.buffers[i].to_end;
    };
    // What a program is given and changes cannot be made anew.
    const bool changes_input =
        std::any_of(trace_.rewrites.begin(), trace_.rewrites.end(), [&](const auto& rewrite) {
          return rewrite.first >= begin && rewrite.first < end && !born_here(rewrite.second);
        });
    if (changes_input) return;
    RunAgain again;
    again.before = std::numeric_limits<int>::max();
    std::set<int> needed;
    for (std::size_t s = static_cast<std::size_t>(trace_.forward); s < trace_.touched.size(); ++s) {
      for (const int b : trace_.touched[s]) {
        if (!born_here(b) || is_kept(b)) continue;
        needed.insert(b);
        again.before = std::min(again.before, static_cast<int>(s));
      }
    }
    if (needed.empty()) return;
    std::vector<bool> taken(static_cast<std::size_t>(end - begin), false);
    // A buffer that is rewritten in the segment is made anew with all that is done to it, also
    // where its last state is kept: steps in between find an earlier one.
    for (bool more = true; more;) {
      more = false;
      for (int s = end - 1; s >= begin; --s) {
        if (taken[static_cast<std::size_t>(s - begin)] || !writes(s, needed)) continue;
        taken[static_cast<std::size_t>(s - begin)] = true;
        for (const int b : trace_.touched[static_cast<std::size_t>(s)]) {
          if (!born_here(b) || (is_kept(b) && !is_rewritten_from(b, s))) continue;
          more = needed.insert(b).second || more;
        }
      }
    }
    for (int s = begin; s < end; ++s) {
      if (!taken[static_cast<std::size_t>(s - begin)]) continue;
      again.steps.push_back(s);
      for (const int b : trace_.touched[static_cast<std::size_t>(s)]) how.touched += size_of(b);
    }
    again.buffers.assign(needed.begin(), needed.end());
    for (std::size_t s = static_cast<std::size_t>(trace_.forward); s < trace_.touched.size(); ++s) {
      for (const int b : trace_.touched[s]) {
        if (needed.contains(b)) again.before = std::min(again.before, static_cast<int>(s));
      }
    }
    how.again.push_back(std::move(again));
    std::stable_sort(how.again.begin(), how.again.end(),
                     [](const RunAgain& a, const RunAgain& b) { return a.before < b.before; });
  }

  bool writes(int step, const std::set<int>& buffers) const {
    for (const int b : trace_.touched[static_cast<std::size_t>(step)]) {
      if (touches_.first[static_cast<std::size_t>(b)] == step && buffers.contains(b)) return true;
    }
    return std::any_of(trace_.rewrites.begin(), trace_.rewrites.end(), [&](const auto& rewrite) {
      return rewrite.first == step && buffers.contains(rewrite.second);
    });
  }
  bool is_rewritten_from(int buffer, int step) const {
    return std::any_of(trace_.rewrites.begin(), trace_.rewrites.end(), [&](const auto& rewrite) {
      return rewrite.second == buffer && rewrite.first >= step && rewrite.first < trace_.forward;
    });
  }

  const StepTrace& trace_;
  std::size_t bytes_;
  Touches touches_;
  std::vector<std::size_t> crossing_, left_;
  std::vector<bool> may_cut_;
};

}  // namespace

TurnList turns_of(const StepTrace& trace, const Recompute& how) {
  TurnList out;
  out.buffers = static_cast<int>(trace.buffers.size());
  out.names.resize(trace.buffers.size());
  std::iota(out.names.begin(), out.names.end(), 0);
  for (const RunAgain& again : how.again) {
    for (const int b : again.buffers) out.names[static_cast<std::size_t>(b)] = out.buffers++;
  }
  std::size_t next = 0;
  for (int s = 0; s < static_cast<int>(trace.touched.size()); ++s) {
    for (; next < how.again.size() && how.again[next].before == s; ++next) {
      for (const int step : how.again[next].steps) out.turns.push_back({step, &how.again[next]});
    }
    out.turns.push_back({s, nullptr});
  }
  return out;
}

int TurnList::buffer_at(const StepTrace& trace, const Turn& turn, int buffer) const {
  const int name = names[static_cast<std::size_t>(buffer)];
  if (turn.again == nullptr) return turn.step < trace.forward ? buffer : name;
  const bool own =
      std::binary_search(turn.again->buffers.begin(), turn.again->buffers.end(), buffer);
  return own ? name : buffer;
}

std::vector<Lifetime> lifetimes_of(const StepTrace& trace, const TurnList& list) {
  std::vector<Lifetime> out(static_cast<std::size_t>(list.buffers));
  std::vector<bool> seen(out.size(), false);
  const int end = static_cast<int>(list.turns.size());
  const auto touch = [&](int buffer, std::size_t bytes, int at) {
    const auto i = static_cast<std::size_t>(buffer);
    Lifetime& life = out[i];
    if (!seen[i]) life.first = at;
    seen[i] = true;
    life.bytes = bytes;
    life.last = at;
  };
  for (int at = 0; at < end; ++at) {
    const Turn& turn = list.turns[static_cast<std::size_t>(at)];
    for (const int b : trace.touched[static_cast<std::size_t>(turn.step)]) {
      touch(list.buffer_at(trace, turn, b), trace.buffers[static_cast<std::size_t>(b)].bytes, at);
    }
  }
  for (std::size_t b = 0; b < trace.buffers.size(); ++b) {
    const StepTrace::Buffer& buffer = trace.buffers[b];
    if (!buffer.from_start && !buffer.to_end) continue;
    Lifetime& life = out[b];
    life.bytes = buffer.bytes;
    if (buffer.from_start || !seen[b]) life.first = 0;
    if (buffer.to_end) life.last = end;
  }
  return out;
}

Recompute choose_recompute(const StepTrace& trace, std::size_t bytes) {
  return Chooser(trace, bytes).choose();
}

}  // namespace tenbin::dnn
