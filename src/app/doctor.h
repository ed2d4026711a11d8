// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "meter/meter.h"
#include "platform/machine.h"

namespace tenbin {

// A foreign library, and the version in use or why it is not there.
struct Library {
  std::string name, found, remedy, used_for;
  bool ok = false, plugin = false;
};
// Those the program is linked with; nothing is loaded to tell.
std::vector<Library> linked_libraries();
// Those, and the plug-ins, which are loaded.
std::vector<Library> foreign_libraries();

// One line of `tenbin doctor`.
struct Check {
  std::string group;  // "machine", "library", "sensor", "limit", "verdict"
  std::string name;
  bool ok = false;
  bool needed = false;  // without it tenbin is of no use here
  std::string found;    // what is there, or why not
  std::string remedy;   // how to mend it; empty if ok or beyond mending
};
// What a machine can do, from facts alone. `peak` sizes: bounds on what comes from outside.
std::vector<Check> diagnose(const MachineFacts& machine, const std::vector<Library>& libraries,
                            const std::vector<SourceReport>& sources);

// A place where tenbin leaves or looks for files.
struct KnownPath {
  std::string what, path;
  bool exists = false;
};

}  // namespace tenbin
