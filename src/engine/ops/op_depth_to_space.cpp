// SPDX-License-Identifier: Apache-2.0
#include "engine/typed.h"

namespace tenbin {
namespace {

// Both move an element between a channel and a place in a block of pixels:
// deep [batch, channels * block^2, height, width], wide [batch, channels, height * block, ...].
template <class T>
void shuffle(const Tensor& in, const Shape& deep, std::int64_t block, bool columns_first,
             bool to_wide, Tensor& out) {
  const std::int64_t channels = deep[1] / (block * block), height = deep[2], width = deep[3];
  const auto from = cells<T>(in);
  const auto to = cells<T>(out);
  std::int64_t at = 0;  // in the deep one
  for (std::int64_t b = 0; b < deep[0]; ++b) {
    for (std::int64_t d = 0; d < deep[1]; ++d) {
      const std::int64_t c = columns_first ? d / (block * block) : d % channels;
      const std::int64_t place = columns_first ? d % (block * block) : d / channels;
      for (std::int64_t y = 0; y < height; ++y) {
        const std::int64_t row = ((b * channels + c) * height + y) * block + place / block;
        for (std::int64_t x = 0; x < width; ++x, ++at) {
          const std::int64_t wide = (row * width + x) * block + place % block;
          to[static_cast<std::size_t>(to_wide ? wide : at)] =
              from[static_cast<std::size_t>(to_wide ? at : wide)];
        }
      }
    }
  }
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  const bool to_wide = call.op == "DepthToSpace";
  const std::int64_t block = call.integer("blocksize", 0);
  const Shape& s = in.shape();
  if (s.size() != 4 || block < 1 || block > 46'340) {
    return bad_operands(call, to_text(s) + " with blocks of " + std::to_string(block));
  }
  const std::int64_t area = block * block;
  const bool fits = to_wide ? s[1] % area == 0 : s[2] % block == 0 && s[3] % block == 0;
  if (!fits) return bad_operands(call, to_text(s) + " in blocks of " + std::to_string(block));
  const Shape other = to_wide ? Shape{s[0], s[1] / area, s[2] * block, s[3] * block}
                              : Shape{s[0], s[1] * area, s[2] / block, s[3] / block};
  const bool columns_first = to_wide && call.text("mode", "DCR") == "CRD";
  TENBIN_TRY(Tensor out, checked_tensor(in.type(), other));
  moved(in.type(), [&]<class T>() {
    shuffle<T>(in, to_wide ? s : other, block, columns_first, to_wide, out);
  });
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  const Attributes two = {{"blocksize", std::int64_t{2}}};
  Attributes crd = two;
  crd["mode"] = std::string("CRD");
  return {{"depth first", op_call("DepthToSpace", 1, two), {ramp({1, 8, 2, 3})}, {}, false},
          {"columns first", op_call("DepthToSpace", 1, crd), {ramp({1, 8, 2, 3})}, {}, false},
          {"back", op_call("SpaceToDepth", 1, two), {ramp({1, 2, 4, 6})}, {}, false}};
}

}  // namespace

const OpEntry& op_depth_to_space() {
  static const OpEntry entry{"",
                             {"DepthToSpace", "SpaceToDepth"},
                             "Channels into blocks of pixels and back.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin
