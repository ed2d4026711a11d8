// SPDX-License-Identifier: Apache-2.0
// TENBIN_SANITIZED: this build has a sanitizer, which brings its own allocation, reserves terabytes
// and looks at its own process. GCC tells of it by macros, Clang by features.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TENBIN_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define TENBIN_SANITIZED
#endif
#endif
