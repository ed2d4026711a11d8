// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenbin {

// A folder of its own for a test, removed with all it holds at the end.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace tenbin
