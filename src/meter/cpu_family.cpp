// SPDX-License-Identifier: Apache-2.0
#include "meter/cpu_family.h"

#include <array>
#include <charconv>

namespace tenbin {
namespace {

struct Row {
  const char* name;
  char vendor;  // A or I
  int family, model_from, model_to, stepping_from;
  double idle, busy;
};

// First match counts. Model numbers as the kernel prints them.
constexpr Row kRows[] = {
    {"Intel Sandy Bridge", 'I', 6, 0x2d, 0x2d, 0, 2.17, 8.58},
    {"Intel Ivy Bridge", 'I', 6, 0x3e, 0x3e, 0, 3.04, 8.25},
    {"Intel Haswell", 'I', 6, 0x3f, 0x3f, 0, 1.00, 4.74},
    {"Intel Broadwell", 'I', 6, 0x4f, 0x4f, 0, 0.71, 3.69},
    {"Intel Broadwell", 'I', 6, 0x56, 0x56, 0, 0.71, 3.69},
    {"Intel Cascade Lake", 'I', 6, 0x55, 0x55, 5, 0.64, 3.97},
    {"Intel Skylake", 'I', 6, 0x55, 0x55, 0, 0.65, 4.26},
    {"Intel Coffee Lake", 'I', 6, 0x9e, 0x9e, 0, 1.14, 5.42},
    {"Intel Ice Lake", 'I', 6, 0x6a, 0x6c, 0, 0.767, 3.76},
    {"Intel Sapphire Rapids", 'I', 6, 0x8f, 0x8f, 0, 1.036, 4.16},
    {"Intel Emerald Rapids", 'I', 6, 0xcf, 0xcf, 0, 0.814, 4.48},
    {"Intel Granite Rapids", 'I', 6, 0xad, 0xae, 0, 0.582, 2.53},
    {"AMD EPYC, Zen 1", 'A', 23, 0x01, 0x0f, 0, 0.82, 2.55},
    {"AMD EPYC, Zen 2", 'A', 23, 0x30, 0x3f, 0, 0.47, 1.69},
    {"AMD EPYC, Zen 3", 'A', 25, 0x00, 0x0f, 0, 0.45, 2.02},
    {"AMD EPYC, Zen 4", 'A', 25, 0x10, 0x1f, 0, 0.739, 2.28},
    {"AMD EPYC, Zen 4c", 'A', 25, 0xa0, 0xaf, 0, 0.739, 2.28},
};
constexpr double kFamilyError = 0.30;

// The value of "key : value" in the first processor's lines.
std::string_view field(std::string_view text, std::string_view key) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t colon = line.find(':');
    if (colon == line.npos) continue;
    std::string_view name = line.substr(0, colon);
    while (!name.empty() && (name.back() == '\t' || name.back() == ' ')) name.remove_suffix(1);
    if (name != key) continue;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return value;
  }
  return {};
}

int number(std::string_view text) {
  int value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

ThreadPower thread_power(std::string_view cpuinfo) {
  const std::string_view vendor = field(cpuinfo, "vendor_id");
  const char letter = vendor == "AuthenticAMD" ? 'A' : vendor == "GenuineIntel" ? 'I' : '?';
  const int family = number(field(cpuinfo, "cpu family"));
  const int model = number(field(cpuinfo, "model"));
  const int stepping = number(field(cpuinfo, "stepping"));
  for (const Row& row : kRows) {
    if (row.vendor != letter || row.family != family) continue;
    if (model < row.model_from || model > row.model_to || stepping < row.stepping_from) continue;
    return {row.name,         watts(row.idle),  watts(row.busy),
            1 - kFamilyError, 1 + kFamilyError, "Cloud Carbon Footprint coefficients"};
  }
  // Nothing known: the middle of all rows, and an interval that spans them.
  return {"unknown CPU", watts(0.7),
          watts(3.7),    1.69 / 3.7,
          8.58 / 3.7,    "range over CPU families of the Cloud Carbon Footprint coefficients"};
}

ThreadPower thread_power_of_tdp(Power tdp, int threads) {
  const double each = 1.04 * tdp.w / (threads > 0 ? threads : 1);
  return {"TDP " + to_text(tdp), watts(0.2 * each), watts(each),
          0.81 / 1.04 * 0.9,     1.21 / 1.04 * 1.1, "SPECpower statistics of Pmax against TDP"};
}

}  // namespace tenbin
