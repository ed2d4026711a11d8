// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tenbin {

class FileSystem;

namespace here {

// The files of this machine, told of while somebody traces.
FileSystem& files();

}  // namespace here
}  // namespace tenbin
