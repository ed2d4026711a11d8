// SPDX-License-Identifier: Apache-2.0
#include "meter/meter.h"
#include "meter/source.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

// Energy of a fixed power, whatever happens.
class ConstantSource : public Source {
 public:
  ConstantSource(Clock& clock, Power power) : clock_(clock), power_(power) {
    info_.name = "constant";
    info_.scope = Scope::kNode;
    info_.facts = {std::nullopt, power, 1, true};
    begin_ = clock.steady_now();
  }
  std::span<const CounterInfo> counters() const override { return {&info_, 1}; }
  void read(std::span<RawRead> into) override {
    const Duration now = clock_.steady_now();
    into[0] = {ReadOutcome::kOk, {now, (power_ * (now - begin_)).nanojoules, {}}};
  }
  std::string detail() const override { return to_text(power_) + " whatever the load"; }

 private:
  Clock& clock_;
  Power power_;
  Duration begin_{};
  CounterInfo info_;
};

Result<std::unique_ptr<Source>> open_constant(const SourceContext& context) {
  if (!(context.options.power.w > 0)) {
    return Error(ErrorCode::kMissingCapability, "no power was given")
        .with_hint("give the machine's power: --constant-power 40W");
  }
  return std::unique_ptr<Source>(
      std::make_unique<ConstantSource>(context.clock, context.options.power));
}

}  // namespace

const SourceEntry& source_constant() {
  static const SourceEntry entry{
      "constant", "a fixed power that you state", Provenance::kConstant, 'F', 700, open_constant};
  return entry;
}

}  // namespace tenbin
