// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/xgboost/fit_trees.h"

namespace tenbin {

// Rows as XGBoost holds them (a copy). Move-only.
class TreeMatrix {
 public:
  static Result<TreeMatrix> of(const TreeRows& rows, TreeTask task);
  TreeMatrix(TreeMatrix&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
  TreeMatrix& operator=(TreeMatrix&&) = delete;
  ~TreeMatrix();
  void* handle() const { return handle_; }

 private:
  explicit TreeMatrix(void* handle) : handle_(handle) {}
  void* handle_;
};

// A booster of XGBoost: the only place that calls its C interface. Move-only, not thread-safe.
class Booster {
 public:
  // `matrices`: those that will be trained or scored on; borrowed for the booster's life.
  static Result<Booster> make(const std::vector<const TreeMatrix*>& matrices,
                              const std::map<std::string, std::string>& parameters);
  Booster(Booster&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
  Booster& operator=(Booster&&) = delete;
  ~Booster();

  Status update(std::int64_t round, const TreeMatrix& train);
  // The evaluation metric on each matrix, in order.
  Result<std::vector<double>> evaluate(std::int64_t round,
                                       const std::vector<const TreeMatrix*>& matrices);
  Result<std::string> model_json() const;
  // Everything, so that further rounds are those of an unbroken run.
  Result<std::string> save() const;
  Status load(std::string_view bytes);
  // Transformed predictions of rounds [0, rounds).
  Result<std::vector<float>> predict(const TreeMatrix& rows, std::int64_t rounds) const;

 private:
  explicit Booster(void* handle) : handle_(handle) {}
  void* handle_;
};

}  // namespace tenbin
