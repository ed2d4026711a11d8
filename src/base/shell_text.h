// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tenbin {

// A word as a POSIX shell takes it back: itself, or in single quotes when it holds anything that
// the shell would read as its own.
std::string shell_word(std::string_view word);
// Words joined to a command that can be pasted.
std::string shell_command(std::span<const std::string> words);

}  // namespace tenbin
