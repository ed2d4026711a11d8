// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/shared_floats.h"

#include <cstdint>
#include <cstring>
#include <mutex>
#include <unordered_map>

namespace tenbin::dnn {
namespace {

constexpr std::size_t kWorthIt = 4096;  // [B]: smaller ones cost more to find than to hold

std::uint64_t hash_of(const float* floats, std::size_t bytes) {
  std::uint64_t hash = 0x9E3779B97F4A7C15ull ^ bytes;
  const auto* words = reinterpret_cast<const char*>(floats);
  for (std::size_t at = 0; at + sizeof hash <= bytes; at += sizeof hash) {
    std::uint64_t word = 0;
    std::memcpy(&word, words + at, sizeof word);
    hash = (hash ^ word) * 0xFF51AFD7ED558CCDull;
    hash ^= hash >> 32;
  }
  return hash;
}

// What is held now, by its hash.
class Held {
 public:
  std::shared_ptr<float[]> find_or_add(std::shared_ptr<float[]> floats, std::size_t bytes) {
    const std::uint64_t hash = hash_of(floats.get(), bytes);
    const std::lock_guard lock(mutex_);
    const auto [first, last] = entries_.equal_range(hash);
    for (auto at = first; at != last;) {
      const std::shared_ptr<float[]> there = at->second.floats.lock();
      if (there == nullptr) {
        at = entries_.erase(at);
        continue;
      }
      if (at->second.bytes == bytes && std::memcmp(there.get(), floats.get(), bytes) == 0) {
        return there;
      }
      ++at;
    }
    entries_.emplace(hash, Entry{floats, bytes});
    if (entries_.size() > 2 * alive_) forget_gone();
    return floats;
  }

 private:
  struct Entry {
    std::weak_ptr<float[]> floats;
    std::size_t bytes = 0;
  };
  void forget_gone() {
    std::erase_if(entries_, [](const auto& entry) { return entry.second.floats.expired(); });
    alive_ = std::max<std::size_t>(64, entries_.size());
  }

  std::mutex mutex_;
  std::unordered_multimap<std::uint64_t, Entry> entries_;
  std::size_t alive_ = 64;  // when it was last cleaned
};

Held& held() {
  static Held* all = new Held;  // outlives whoever holds floats at exit
  return *all;
}

}  // namespace

std::shared_ptr<float[]> share_floats(AlignedFloats floats, std::size_t bytes) {
  std::shared_ptr<float[]> shared(std::move(floats));
  return bytes < kWorthIt ? shared : held().find_or_add(std::move(shared), bytes);
}

}  // namespace tenbin::dnn
