// SPDX-License-Identifier: Apache-2.0
#include "meter/activity.h"

#include <array>
#include <string>

#include "platform/clock.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::int64_t kPage = 4096;  // [B] of statm's counts on the machines we support

class ThisProcess : public ActivityProbe {
 public:
  ThisProcess(Clock& clock, std::unique_ptr<ReadableFile> statm)
      : clock_(clock), statm_(std::move(statm)) {}

  Activity read() override { return {clock_.process_cpu() + clock_.children_cpu(), resident()}; }

 private:
  // The second number of statm, in pages.
  std::int64_t resident() {
    if (!statm_) return 0;
    std::array<std::byte, 128> text;
    const auto got = statm_->read_at(0, text);
    if (!got.ok()) return 0;
    std::size_t i = 0;
    while (i < *got && static_cast<char>(text[i]) != ' ') ++i;
    std::int64_t pages = 0;
    for (++i; i < *got; ++i) {
      const char c = static_cast<char>(text[i]);
      if (c < '0' || c > '9') break;
      pages = pages * 10 + (c - '0');
    }
    return pages * kPage;
  }

  Clock& clock_;
  std::unique_ptr<ReadableFile> statm_;
};

}  // namespace

std::unique_ptr<ActivityProbe> this_process(Clock& clock, FileSystem& files, const char* proc) {
  auto statm = files.open(std::string(proc) + "/self/statm");
  return std::make_unique<ThisProcess>(clock, statm.ok() ? std::move(*statm) : nullptr);
}

}  // namespace tenbin
