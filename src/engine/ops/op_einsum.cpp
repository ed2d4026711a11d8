// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "engine/axes.h"
#include "engine/matmul.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// An equation as axes: letters have their own number, those of the ellipsis stand before them.
constexpr std::size_t kEllipsisAxes = 16;
constexpr std::size_t kAxes = kEllipsisAxes + 256;

struct Equation {
  std::vector<std::vector<std::size_t>> operands;  // axis of each dimension
  std::vector<std::size_t> result;
  std::array<std::int64_t, kAxes> sizes;  // -1: not used
};

struct Term {
  std::vector<std::size_t> before, after;  // letters around the ellipsis
  bool ellipsis = false;
};

Result<Term> term_of(const OpCall& call, const std::string& text) {
  Term term;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ') continue;
    if (text.compare(i, 3, "...") == 0 && !term.ellipsis) {
      term.ellipsis = true;
      i += 2;
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      (term.ellipsis ? term.after : term.before)
          .push_back(kEllipsisAxes + static_cast<unsigned char>(c));
    } else {
      return bad_operands(call, "term '" + text.substr(0, 40) + "' of the equation");
    }
  }
  return term;
}

// Axes of a term for a tensor of this rank; the ellipsis takes what is left, counted from behind.
std::vector<std::size_t> axes_of(const Term& term, std::size_t ellipsis) {
  std::vector<std::size_t> out = term.before;
  for (std::size_t i = 0; term.ellipsis && i < ellipsis; ++i) {
    out.push_back(kEllipsisAxes - ellipsis + i);
  }
  out.insert(out.end(), term.after.begin(), term.after.end());
  return out;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == at) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

Result<Equation> equation_of(const OpCall& call, OpInputs inputs) {
  const std::string text = call.text("equation", "");
  const std::size_t arrow = text.find("->");
  const auto terms = split(text.substr(0, arrow), ',');
  if (terms.size() != inputs.size()) {
    return bad_operands(call, std::to_string(terms.size()) + " terms for " +
                                  std::to_string(inputs.size()) + " operands");
  }
  Equation e;
  e.sizes.fill(-1);
  std::size_t widest = 0;
  std::array<int, kAxes> uses{};
  for (std::size_t i = 0; i < terms.size(); ++i) {
    TENBIN_TRY(const Term term, term_of(call, terms[i]));
    const Shape& shape = inputs[i]->shape();
    const std::size_t letters = term.before.size() + term.after.size();
    if (letters > shape.size() || (!term.ellipsis && letters != shape.size())) {
      return bad_operands(call, "term '" + terms[i].substr(0, 40) + "' of " + to_text(shape));
    }
    widest = std::max(widest, shape.size() - letters);
    e.operands.push_back(axes_of(term, shape.size() - letters));
    for (std::size_t d = 0; d < shape.size(); ++d) {
      std::int64_t& size = e.sizes[e.operands[i][d]];
      ++uses[e.operands[i][d]];
      if (size != -1 && size != shape[d] && size != 1 && shape[d] != 1) {
        return bad_operands(call, "sizes " + std::to_string(size) + " and " +
                                      std::to_string(shape[d]) + " of one axis");
      }
      size = size == -1 || size == 1 ? shape[d] : size;
    }
  }
  if (arrow != std::string::npos) {
    TENBIN_TRY(const Term term, term_of(call, text.substr(arrow + 2)));
    e.result = axes_of(term, widest);
  } else {  // the letters that stand once, in order of the alphabet
    for (std::size_t a = 0; a < kAxes; ++a) {
      if (uses[a] == 1 || (a < kEllipsisAxes && uses[a] > 0)) e.result.push_back(a);
    }
  }
  for (const std::size_t axis : e.result) {
    const bool twice = std::count(e.result.begin(), e.result.end(), axis) > 1;
    if (uses[axis] == 0 || twice) return bad_operands(call, "result of equation '" + text + "'");
  }
  return e;
}

// Steps of one tensor along a list of axes; an axis that it lacks, or has once, stands still.
std::vector<std::int64_t> steps_along(const std::vector<std::size_t>& axes, const Shape& shape,
                                      const std::vector<std::size_t>& own) {
  const std::vector<std::int64_t> strides = strides_of(shape);
  std::vector<std::int64_t> out;
  for (const std::size_t axis : axes) {
    std::int64_t step = 0;
    for (std::size_t d = 0; d < own.size(); ++d) {
      if (own[d] == axis && shape[d] != 1) step += strides[d];  // twice: a diagonal
    }
    out.push_back(step);
  }
  return out;
}

// Two operands (or one) into a tensor with the axes `result`: the others are summed.
template <class T>
Result<Tensor> contract(const Equation& e, const std::vector<std::size_t>& result, const Tensor& a,
                        const std::vector<std::size_t>& a_axes, const Tensor* b,
                        const std::vector<std::size_t>& b_axes) {
  std::vector<std::size_t> axes = result;
  for (const auto* own : {&a_axes, &b_axes}) {
    for (const std::size_t axis : *own) {
      if (std::find(axes.begin(), axes.end(), axis) == axes.end()) axes.push_back(axis);
    }
  }
  Shape shape, all;
  std::int64_t total = 1;
  for (const std::size_t axis : axes) {
    all.push_back(e.sizes[axis]);
    if (__builtin_mul_overflow(total, e.sizes[axis], &total)) {
      return Error(ErrorCode::kTooLarge, "sum over " + to_text(all) + " and more");
    }
  }
  shape.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(result.size()));
  TENBIN_TRY(Tensor out, checked_tensor(kElementOf<T>, shape));
  using Sum = SumOf<T>;
  std::vector<Sum> sums(static_cast<std::size_t>(out.count()), Sum{0});
  const Shape inner(all.begin() + static_cast<std::ptrdiff_t>(result.size()), all.end());
  const std::int64_t each = count_of(inner);
  const auto x = a.data<T>();
  BroadcastWalk w{all, {steps_along(axes, a.shape(), a_axes)}};
  if (b != nullptr) w.strides.push_back(steps_along(axes, b->shape(), b_axes));
  walk(w, [&](std::int64_t i, std::int64_t p, std::int64_t q) {
    Sum value = static_cast<Sum>(x[static_cast<std::size_t>(p)]);
    if (b != nullptr) value *= static_cast<Sum>(b->data<T>()[static_cast<std::size_t>(q)]);
    sums[static_cast<std::size_t>(i / each)] += value;
  });
  const auto y = out.data<T>();
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(sums[i]);
  return out;
}

// Axes that stay after operand i: those that the result or a later operand still needs.
std::vector<std::size_t> kept_after(const Equation& e, const std::vector<std::size_t>& axes,
                                    std::size_t i) {
  if (i + 1 == e.operands.size()) return e.result;
  const auto holds = [](const std::vector<std::size_t>& list, std::size_t axis) {
    return std::find(list.begin(), list.end(), axis) != list.end();
  };
  std::vector<std::size_t> all = axes, kept;
  all.insert(all.end(), e.operands[i].begin(), e.operands[i].end());
  for (const std::size_t axis : all) {
    const bool needed =
        holds(e.result, axis) ||
        std::any_of(e.operands.begin() + static_cast<std::ptrdiff_t>(i) + 1, e.operands.end(),
                    [&](const auto& later) { return holds(later, axis); });
    if (needed && !holds(kept, axis)) kept.push_back(axis);
  }
  return kept;
}

// Operand by operand from the left.
template <class T> Outputs einsum(const Equation& e, OpInputs inputs) {
  if (inputs.size() == 1) {
    TENBIN_TRY(Tensor out, contract<T>(e, e.result, *inputs[0], e.operands[0], nullptr, {}));
    return one(std::move(out));
  }
  Tensor so_far = *inputs[0];
  std::vector<std::size_t> axes = e.operands[0];
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    const std::vector<std::size_t> kept = kept_after(e, axes, i);
    TENBIN_TRY(so_far, contract<T>(e, kept, so_far, axes, inputs[i], e.operands[i]));
    axes = kept;
  }
  return one(std::move(so_far));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, std::max<std::size_t>(1, inputs.size())));
  for (const Tensor* input : inputs) TENBIN_CHECK(need_type(call, *input, inputs[0]->type()));
  TENBIN_TRY(const Equation e, equation_of(call, inputs));
  return typed(call, inputs[0]->type(), kNumbers, [&]<class T>() { return einsum<T>(e, inputs); });
}

std::vector<OpProbe> probes() {
  const Tensor x = ramp({2, 3}), y = ramp({3, 4}), z = ramp({4, 2});
  const auto equation = [](const char* text, std::size_t operands) {
    return op_call("Einsum", operands, {{"equation", std::string(text)}});
  };
  return {
      {"a product of three", equation("ij,jk,kl->il", 3), {x, y, z}, {}, false},
      {"a sum", equation("ij->i", 1), {x}, {}, false},
      {"stacks", equation("...ij,...jk->...ik", 2), {ramp({2, 2, 3}), ramp({2, 3, 4})}, {}, false}};
}

}  // namespace

const OpEntry& op_einsum() {
  static const OpEntry entry{"",      {"Einsum"}, "Sums of products by Einstein's convention.",
                             compute, nullptr,    probes};
  return entry;
}

}  // namespace tenbin
