// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenbin {

class FileSystem;

// Text of a file of /proc or /sys, whose size the kernel does not tell: read to its end, at most
// 4 MiB. Empty when it cannot be read.
std::string kernel_text(FileSystem& files, const std::string& path);

}  // namespace tenbin
