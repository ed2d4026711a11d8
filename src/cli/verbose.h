// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/settings.h"

namespace tenbin {

// --verbose: details on standard error, each with the seconds since the program began. Without it
// nobody is told. Called before anything is read.
void begin_verbose(int argc, char** argv);
// Where each option of a command has its value from: those that were set a line each, the others as
// defaults; and which configuration files there are.
void tell_settings(const Settings& settings, const std::vector<DescribedOption>& options,
                   const Arguments& arguments);
// The last line: the exit code, and what was used.
void end_verbose(int code);

}  // namespace tenbin
