// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "plan/roofline.h"

namespace tenbin {

class Clock;
class FileSystem;
struct MachineFacts;

// The roofline of this machine, and how it was measured.
struct MachinePeaks {
  Roofline roofline;
  std::string cpu;  // model, as the kernel says
  int threads = 1;
  std::string measured;  // UTC
  // Largest spread of any of its numbers over the repeats: (highest - lowest) / highest.
  double noise = 0;
  bool from_cache = false;
  std::string note;  // why it was measured anew, or why it could not be kept; may be empty
};

struct PeaksRequest {
  int threads = 1;
  bool anew = false;   // measure whatever the cache says
  std::string folder;  // of the cache; empty: nothing is kept
};

// Peaks from the cache of this user, or measured now (about half a second) and kept there. A kept
// one is used if it is of the same CPU and number of threads and not older than 30 days; one whose
// spread is above a quarter, as on a busy machine, for ten minutes. A cache
// that cannot be read or written is no error: `note` says so.
Result<MachinePeaks> machine_peaks(const PeaksRequest& request, const MachineFacts& machine,
                                   FileSystem& files, Clock& clock);

// Schema tenbin.peaks/1 (docs/formats/profile.md), as it stands in the cache and in a profile.
Json to_json(const MachinePeaks& peaks);
Result<MachinePeaks> parse_peaks(const Json& json);

}  // namespace tenbin
