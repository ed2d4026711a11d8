// SPDX-License-Identifier: Apache-2.0
// Sums, differences, products and quotients of two operands that broadcast: activations, learned
// weights or constants. Equal layouts stay as they are; weights of channels meet blocked
// activations in place; everything else goes through row-major order.
#include "engine/dnn/builder.h"
#include "engine/kernels/broadcast.h"
#include "engine/kernels/kernels.h"

namespace tenbin::dnn {
namespace {

using kernels::Binary;
using Tag = dnnl::memory::format_tag;

struct Call {
  Binary op = Binary::kAdd;
  kernels::Broadcast shape;
  bool relu = false;  // of a sum of equal shapes
};
const Call& call_of(const KernelArgs& a) { return *static_cast<const Call*>(a.state); }

// dst, a, b.
void forward_kernel(const KernelArgs& a) {
  const Call& call = call_of(a);
  if (call.relu) {
    kernels::add(a.p[0], a.p[1], a.p[2], call.shape.size[0], true);
  } else {
    kernels::broadcast(call.op, call.shape, a.p[1], a.p[2], a.p[0]);
  }
}
// diff_a, diff_dst, a, b.
void left_kernel(const KernelArgs& a) {
  kernels::broadcast_gradient_a(call_of(a).op, call_of(a).shape, a.p[1], a.p[3], a.p[0]);
}
void right_kernel(const KernelArgs& a) {
  kernels::broadcast_gradient_b(call_of(a).op, call_of(a).shape, a.p[1], a.p[2], a.p[3], a.p[0]);
}

Binary op_of(const OpCall& node) {
  if (node.op == "Add") return Binary::kAdd;
  if (node.op == "Sub") return Binary::kSubtract;
  return node.op == "Mul" ? Binary::kMultiply : Binary::kDivide;
}

struct Operand {
  std::string name;
  Shape shape;
  Ref ref;  // as the kernel reads it; none yet for an activation
  bool activation = false;
  int parameter = -1;  // of a learned one
};

Result<Operand> operand_of(Builder& b, const OpCall& node, std::size_t i) {
  Operand o{node.inputs[i], {}, {}, b.has_value(node.inputs[i]), -1};
  if (o.activation) {
    o.shape = b.value(o.name).shape;
    return o;
  }
  const Tensor& tensor = *b.constant(o.name);
  if (tensor.type() != ElementType::kFloat32) return no_kernel(node, "a constant of another type");
  o.shape = tensor.shape();
  if (b.trains() || b.options().mode == Mode::kEvaluate) {
    if (b.is_learned(o.name)) {
      const Desc plain = plain_desc(o.shape);
      o.parameter = b.parameters().declare(o.name, plain, plain, false);
      if (b.parameter_memory != nullptr) o.ref = b.weights(o.parameter);
      return o;
    }
  }
  o.ref = {b.program().constant_buffer(tensor.data<float>()), plain_desc(o.shape)};
  return o;
}

// Whether nothing but values lies in memory: no channels of padding.
bool is_dense(const Desc& desc, const Shape& shape) {
  return static_cast<std::int64_t>(desc.get_size()) ==
         count_of(shape) * static_cast<std::int64_t>(sizeof(float));
}

// Blocked activations [batch, channels, ...] with weights of their channels [batch, channels, 1,
// ...] in the same blocks: rows of sixteen.
std::optional<kernels::Broadcast> blocked_channels(const Operand& a, const Operand& b,
                                                   const Desc& left, const Desc& right) {
  if (a.shape.size() != 4 || b.shape.size() != 4) return std::nullopt;
  const auto is_blocked = [](const Desc& desc, const Shape& shape) {
    return desc == Desc(dims_of(shape), dnnl::memory::data_type::f32, Tag::nChw16c);
  };
  const bool fits = b.shape[0] == a.shape[0] && b.shape[1] == a.shape[1] && b.shape[2] == 1 &&
                    b.shape[3] == 1 && is_blocked(left, a.shape) && is_blocked(right, b.shape);
  if (!fits) return std::nullopt;
  const std::int64_t planes = a.shape[0] * ((a.shape[1] + 15) / 16);
  const std::int64_t pixels = a.shape[2] * a.shape[3];
  return kernels::Broadcast{3, {planes, pixels, 16}, {pixels * 16, 16, 1}, {16, 0, 1}};
}

struct Meeting {
  Operand a, b;
  Shape dst_shape;
  Desc dst;
  Call call;
};

// Lays both operands so that one kernel takes them.
Status lay(Builder& b, Meeting& m) {
  const auto floats = [&b](Operand& o) -> Status {
    if (o.activation) {
      TENBIN_TRY(o.ref, b.floats(b.value(o.name).data));
    }
    return {};
  };
  TENBIN_CHECK(floats(m.a));
  TENBIN_CHECK(floats(m.b));
  const auto flat = [](const Desc& desc, std::int64_t b_step) {
    const auto count = static_cast<std::int64_t>(desc.get_size() / sizeof(float));
    return kernels::Broadcast{1, {count}, {1}, {b_step}};
  };
  if (m.a.activation && m.a.shape == m.dst_shape) {
    m.dst = m.a.ref.desc;
    const bool scales = m.call.op == Binary::kMultiply || m.call.op == Binary::kDivide;
    if (m.b.activation && m.b.shape == m.a.shape) {
      TENBIN_TRY(m.b.ref, b.as(m.b.ref, m.dst));
      m.call.shape = flat(m.dst, 1);
      // A quotient of padding is no number, and must not be written.
      if (m.call.op != Binary::kDivide || is_dense(m.dst, m.a.shape)) return {};
    } else if (!m.b.activation && count_of(m.b.shape) == 1 && m.b.parameter < 0 &&
               (scales || is_dense(m.dst, m.a.shape))) {
      m.call.shape = flat(m.dst, 0);
      return {};
    } else if (m.b.activation) {
      if (const auto shape = blocked_channels(m.a, m.b, m.a.ref.desc, m.b.ref.desc);
          shape && m.call.op != Binary::kDivide) {
        m.call.shape = *shape;
        return {};
      }
    }
  }
  m.dst = plain_desc(m.dst_shape);
  for (Operand* o : {&m.a, &m.b}) {
    if (!o->activation) continue;
    TENBIN_TRY(o->ref, b.as(o->ref, plain_desc(o->shape)));
  }
  m.call.shape = kernels::broadcast_of(m.a.shape, m.b.shape, m.dst_shape);
  return {};
}

// The gradient of one operand from that of the result.
Status pass_back(Builder& b, const Meeting& m, bool left, const Ref& diff_dst, bool shared,
                 const KernelArgs& args) {
  const Operand& o = left ? m.a : m.b;
  Builder::Value* value = o.activation ? &b.value(o.name) : nullptr;
  if (value != nullptr ? !value->wants_gradient : o.parameter < 0) return {};
  const bool same = m.call.op == Binary::kAdd || (left && m.call.op == Binary::kSubtract);
  if (value != nullptr && same && o.shape == m.dst_shape) {
    return b.add_gradient(*value, diff_dst, shared);
  }
  const Ref diff = value != nullptr ? b.program().arena_ref(o.ref.desc) : b.gradient(o.parameter);
  b.program().add(left ? left_kernel : right_kernel, args, {diff, diff_dst, m.a.ref, m.b.ref});
  return value != nullptr ? b.add_gradient(*value, diff, false) : Status();
}

}  // namespace

Status lower_binary(Builder& b, const OpCall& node) {
  if (b.has_value(node.inputs[0])) {
    TENBIN_TRY(const bool gelu, take_gelu(b, node));
    if (gelu) return {};
  }
  Meeting m;
  m.call.op = op_of(node);
  TENBIN_TRY(m.a, operand_of(b, node, 0));
  TENBIN_TRY(m.b, operand_of(b, node, 1));
  // The one that has the result's shape comes first where the order does not matter.
  const bool commutes = m.call.op == Binary::kAdd || m.call.op == Binary::kMultiply;
  TENBIN_TRY(m.dst_shape, broadcast(m.a.shape, m.b.shape));
  if (m.dst_shape.size() > kernels::Broadcast::kMostRank) return no_kernel(node, "so many axes");
  if (commutes && (!m.a.activation || m.a.shape != m.dst_shape)) std::swap(m.a, m.b);
  std::string dst_name = node.outputs[0];
  if (b.parameter_memory == nullptr && (m.a.parameter >= 0 || m.b.parameter >= 0)) {
    // The pass that only finds out layouts has no weights to read.
    b.define(dst_name, m.dst_shape, b.program().arena_ref(plain_desc(m.dst_shape)));
    return {};
  }
  TENBIN_CHECK(lay(b, m));
  dnnl::primitive_attr attributes;  // of a primitive that is not made: the kernel clamps itself
  const bool alike = m.a.activation && m.b.activation && m.a.shape == m.b.shape;
  m.call.relu =
      alike && m.call.op == Binary::kAdd && fuse_relu(b, dst_name, m.dst_shape, m.dst, attributes);
  const Ref dst = b.program().arena_ref(m.dst);
  KernelArgs args;
  args.state = b.program().keep(std::make_shared<Call>(m.call));
  b.program().add(forward_kernel, args, {dst, m.a.ref, m.b.ref});
  b.define(dst_name, m.dst_shape, dst).kept = m.call.relu && b.trains();
  if (!b.trains()) return {};
  b.on_backward([&b, m, dst, dst_name, args]() -> Status {
    const Builder::Value& result = b.value(dst_name);
    Ref diff_dst;
    if (m.call.relu) {
      TENBIN_TRY(diff_dst, gradient_under_relu(b, result, dst));
    } else {
      TENBIN_TRY(const Ref exact, b.floats(result.gradient));
      TENBIN_TRY(diff_dst, b.as(exact, m.dst));
    }
    TENBIN_CHECK(pass_back(b, m, true, diff_dst, true, args));
    return pass_back(b, m, false, diff_dst, true, args);
  });
  return {};
}

}  // namespace tenbin::dnn
