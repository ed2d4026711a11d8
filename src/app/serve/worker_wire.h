// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "tensor/tensor.h"

namespace tenbin {

// Values as bytes between the server and its workers: the same program on the same machine, so
// numbers go as they lie in memory. What is read is checked all the same: a worker that went wrong
// must not take the server with it.
class WireWriter {
 public:
  void number(std::int64_t value);
  void text(std::string_view value);
  void texts(const std::map<std::string, std::string>& values);
  void tensor(const Tensor& tensor);
  void value(const ValueInfo& value);
  void error(const Error& error);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Every read after the first that failed gives nothing; ok() tells.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : left_(bytes) {}
  std::int64_t number();
  std::string text();
  std::map<std::string, std::string> texts();
  Tensor tensor();
  ValueInfo value();
  Error error();
  bool ok() const { return ok_; }

 private:
  std::string_view take(std::uint64_t size);
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace tenbin
