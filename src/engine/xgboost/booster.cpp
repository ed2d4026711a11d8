// SPDX-License-Identifier: Apache-2.0
#include "engine/xgboost/booster.h"

#include <xgboost/c_api.h>

#include <charconv>
#include <cmath>

namespace tenbin {
namespace {

Status check(int code, ErrorCode error = ErrorCode::kBug) {
  if (code == 0) return {};
  std::string text = XGBGetLastError();
  return Error(error, "xgboost: " + text.substr(0, text.find('\n')));
}

std::vector<float> floats_of(std::span<const std::int64_t> labels) {
  return {labels.begin(), labels.end()};
}

std::vector<DMatrixHandle> handles_of(const std::vector<const TreeMatrix*>& matrices) {
  std::vector<DMatrixHandle> out;
  out.reserve(matrices.size());
  for (const TreeMatrix* matrix : matrices) out.push_back(matrix->handle());
  return out;
}

}  // namespace

Result<TreeMatrix> TreeMatrix::of(const TreeRows& rows, TreeTask task) {
  DMatrixHandle handle = nullptr;
  TENBIN_CHECK(check(XGDMatrixCreateFromMat(rows.features.data(), rows.rows, rows.columns,
                                            std::nanf(""), &handle)));
  TreeMatrix out(handle);
  std::vector<float> labels(rows.targets.begin(), rows.targets.end());
  if (task != TreeTask::kRegression) labels = floats_of(rows.labels);
  if (!labels.empty()) {
    TENBIN_CHECK(check(XGDMatrixSetFloatInfo(handle, "label", labels.data(), labels.size())));
  }
  if (!rows.weights.empty()) {
    TENBIN_CHECK(
        check(XGDMatrixSetFloatInfo(handle, "weight", rows.weights.data(), rows.weights.size())));
  }
  return out;
}

TreeMatrix::~TreeMatrix() {
  if (handle_ != nullptr) (void)XGDMatrixFree(handle_);
}

Result<Booster> Booster::make(const std::vector<const TreeMatrix*>& matrices,
                              const std::map<std::string, std::string>& parameters) {
  const std::vector<DMatrixHandle> handles = handles_of(matrices);
  BoosterHandle handle = nullptr;
  TENBIN_CHECK(check(XGBoosterCreate(handles.data(), handles.size(), &handle)));
  Booster out(handle);
  for (const auto& [key, value] : parameters) {
    TENBIN_CHECK(
        check(XGBoosterSetParam(handle, key.c_str(), value.c_str()), ErrorCode::kBadValue));
  }
  return out;
}

Booster::~Booster() {
  if (handle_ != nullptr) (void)XGBoosterFree(handle_);
}

Status Booster::update(std::int64_t round, const TreeMatrix& train) {
  return check(XGBoosterUpdateOneIter(handle_, static_cast<int>(round), train.handle()),
               ErrorCode::kBadValue);
}

Result<std::vector<double>> Booster::evaluate(std::int64_t round,
                                              const std::vector<const TreeMatrix*>& matrices) {
  std::vector<DMatrixHandle> handles = handles_of(matrices);
  std::vector<const char*> names(matrices.size(), "rows");
  const char* text = nullptr;
  TENBIN_CHECK(check(XGBoosterEvalOneIter(handle_, static_cast<int>(round), handles.data(),
                                          names.data(), handles.size(), &text)));
  // "[3]\trows-logloss:0.25\trows-logloss:0.5"
  std::vector<double> out;
  const std::string_view all = text;
  for (std::size_t at = all.find(':'); at != all.npos; at = all.find(':', at + 1)) {
    double value = std::nan("");
    std::from_chars(all.data() + at + 1, all.data() + all.size(), value);
    out.push_back(value);
  }
  if (out.size() != matrices.size()) return Error(ErrorCode::kBug, "xgboost: no metric in reply");
  return out;
}

Result<std::string> Booster::model_json() const {
  bst_ulong size = 0;
  const char* data = nullptr;
  TENBIN_CHECK(check(XGBoosterSaveModelToBuffer(handle_, R"({"format": "json"})", &size, &data)));
  return std::string(data, size);
}

Result<std::string> Booster::save() const {
  bst_ulong size = 0;
  const char* data = nullptr;
  TENBIN_CHECK(check(XGBoosterSerializeToBuffer(handle_, &size, &data)));
  return std::string(data, size);
}

Status Booster::load(std::string_view bytes) {
  return check(XGBoosterUnserializeFromBuffer(handle_, bytes.data(), bytes.size()),
               ErrorCode::kBadCheckpoint);
}

Result<std::vector<float>> Booster::predict(const TreeMatrix& rows, std::int64_t rounds) const {
  const std::string config = R"({"type": 0, "training": false, "strict_shape": true, )"
                             R"("iteration_begin": 0, "iteration_end": )" +
                             std::to_string(rounds) + "}";
  const bst_ulong* shape = nullptr;
  bst_ulong rank = 0;
  const float* values = nullptr;
  TENBIN_CHECK(check(
      XGBoosterPredictFromDMatrix(handle_, rows.handle(), config.c_str(), &shape, &rank, &values)));
  std::size_t count = 1;
  for (bst_ulong d = 0; d < rank; ++d) count *= shape[d];
  return std::vector<float>(values, values + count);
}

}  // namespace tenbin
