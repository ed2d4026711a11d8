// SPDX-License-Identifier: Apache-2.0
#include "platform/fakes/test_folder.h"

#include <cstdlib>
#include <filesystem>

namespace tenbin {

TestFolder::TestFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "tenbin_test_XXXXXX").string();
  path_ = ::mkdtemp(name.data());
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace tenbin
