// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tenbin {

// SHA-256, in lower-case hex (64 characters).
class Digest {
 public:
  Digest();
  ~Digest();
  Digest(Digest&&) noexcept;
  void add(std::span<const std::byte> bytes);
  void add(std::string_view text);
  std::string hex();  // ends it

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::span<const std::byte> bytes);
std::string sha256_hex(std::string_view text);

// 128 random bits of the system, as 32 hex characters: ids of runs.
std::string new_id();

}  // namespace tenbin
