// SPDX-License-Identifier: Apache-2.0
#include "platform/tiles.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace tenbin {

bool use_matrix_tiles() {
#if defined(__x86_64__)
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // Linux 5.16, arch/x86/prctl.h
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

}  // namespace tenbin
