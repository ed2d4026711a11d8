// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "graph/onnx.h"
#include "platform/file_system.h"
#include "tensor/float16.h"

namespace tenbin {

// The models of Debian's libonnx-testdata, with the inputs and outputs recorded beside them.
inline constexpr const char* kOnnxSuite = "/usr/share/libonnx-testdata/data";

struct SuiteModel {
  std::string name;    // "node/test_abs"
  std::string folder;  // holds model.onnx and test_data_set_0, test_data_set_1 ...
  std::string model() const { return join_path(folder, "model.onnx"); }
};

// In the order of their names; empty when the package is not installed.
inline std::vector<SuiteModel> suite_models() {
  FileSystem& files = real_file_system();
  std::vector<SuiteModel> out;
  for (const std::string kind : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    const std::string folder = join_path(kOnnxSuite, kind);
    auto names = files.list(folder);
    if (!names.ok()) continue;
    for (const std::string& name : *names) {
      SuiteModel model{kind + "/" + name, join_path(folder, name)};
      if (files.exists(model.model())) out.push_back(std::move(model));
    }
  }
  return out;
}

// One recorded value; `what` is "input" or "output".
inline Result<NamedValue> recorded(const std::string& set, const char* what, std::size_t i,
                                   ValueKind kind) {
  const std::string path = join_path(set, std::string(what) + "_" + std::to_string(i) + ".pb");
  TENBIN_TRY(const std::string bytes, real_file_system().read_text(path, std::int64_t{1} << 30));
  // An empty message says nothing: an optional without content.
  if (bytes.empty() && kind != ValueKind::kTensor) return NamedValue{};
  return parse_onnx_value(std::as_bytes(std::span(bytes.data(), bytes.size())), kind);
}

// The recorder wrote bfloat16 tensors as the integers of their bits.
inline Value as_declared(Value value, ElementType declared) {
  const Tensor* tensor = value.tensor();
  if (tensor == nullptr || declared != ElementType::kBfloat16 ||
      tensor->type() != ElementType::kUint16) {
    return value;
  }
  Tensor out(ElementType::kBfloat16, tensor->shape());
  std::copy(tensor->bytes().begin(), tensor->bytes().end(), out.bytes().begin());
  return out;
}

// Every element of a numeric tensor as a double; integers beyond 2^53 are compared as bits before.
inline std::vector<double> as_doubles(const Tensor& tensor) {
  std::vector<double> out;
  const auto read = [&]<class T>(T) {
    for (const T v : tensor.data<T>()) out.push_back(static_cast<double>(v));
  };
  switch (tensor.type()) {
    case ElementType::kFloat32: read(float{}); break;
    case ElementType::kFloat64: read(double{}); break;
    case ElementType::kFloat16:
      for (const Float16 v : tensor.data<Float16>()) out.push_back(static_cast<float>(v));
      break;
    case ElementType::kBfloat16:
      for (const Bfloat16 v : tensor.data<Bfloat16>()) out.push_back(static_cast<float>(v));
      break;
    default: break;
  }
  return out;
}

// Empty when they are equal: type, shape, and |a-b| <= 1e-7 + 1e-3|b| for floats, NaN = NaN.
inline std::string difference(const Tensor& found, const Tensor& wanted, bool values) {
  const auto text = [](const Tensor& t) {
    return std::string(element_name(t.type())) + " " + to_text(t.shape());
  };
  if (found.type() != wanted.type() || found.shape() != wanted.shape()) {
    return text(found) + ", expected " + text(wanted);
  }
  if (!values || found == wanted) return {};
  const std::vector<double> a = as_doubles(found), b = as_doubles(wanted);
  if (a.empty()) return "other elements";
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    if (std::fabs(a[i] - b[i]) <= 1e-7 + 1e-3 * std::fabs(b[i])) continue;
    return "element " + std::to_string(i) + " is " + std::to_string(a[i]) + ", expected " +
           std::to_string(b[i]);
  }
  return {};
}

inline std::string difference(const Value& found, const Value& wanted, bool values) {
  if (wanted.nothing()) return found.nothing() ? "" : "something, expected nothing";
  if (const Tensor* tensor = wanted.tensor()) {
    return found.tensor() == nullptr ? "no tensor, expected one"
                                     : difference(*found.tensor(), *tensor, values);
  }
  if (found.sequence() == nullptr) return "no sequence, expected one";
  const auto& a = found.sequence()->items;
  const auto& b = wanted.sequence()->items;
  if (a.size() != b.size()) {
    return std::to_string(a.size()) + " items, expected " + std::to_string(b.size());
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::string d = difference(*a[i], *b[i], values);
    if (!d.empty()) return "item " + std::to_string(i) + ": " + d;
  }
  return {};
}

}  // namespace tenbin
