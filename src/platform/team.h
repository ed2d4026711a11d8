// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace tenbin {

// Threads that share out numbered pieces of work: whoever is free takes the next piece, so a core
// that another program holds for a while costs only the pieces it would have done. The caller is
// one of the threads. run() allocates nothing and takes no lock; nobody spins for longer than some
// microseconds. One caller at a time; a task must not throw.
class Team {
 public:
  // `greet` runs first on each thread of the team but the caller's. threads >= 1.
  explicit Team(int threads, const std::function<void()>& greet = {});
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls task(piece) once for each piece of [0, pieces) and returns when all have returned.
  template <class F> void run(int pieces, F& task) {
    run_all(
        pieces, [](void* context, int piece) { (*static_cast<F*>(context))(piece); }, &task);
  }

 private:
  using Task = void (*)(void* context, int piece);
  void run_all(int pieces, Task task, void* context);
  void work(std::uint32_t round);
  void serve();

  // Round in the upper half, pieces nobody took yet in the lower: one word, so that a thread that
  // comes late to a round cannot take a piece of the next.
  std::atomic<std::uint64_t> open_{0};
  std::atomic<std::uint32_t> round_{0};
  std::atomic<std::uint32_t> unfinished_{0};
  std::atomic<bool> leaving_{false};
  Task task_ = nullptr;
  void* context_ = nullptr;
  std::uint32_t pieces_ = 0;
  std::vector<std::thread> workers_;
};

}  // namespace tenbin
