// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "data/read.h"
#include "data/table.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {

// A database file in a folder of its own, and the way its rows are asked for; for tests.
class DatabaseCase : public ::testing::Test {
 protected:
  Result<Dataset> ask(const std::string& query, const std::string& table = {},
                      StopQuestion may_go_on = {}) {
    ReadOptions options;
    options.query = query;
    options.table = table;
    options.may_go_on = std::move(may_go_on);
    return read_dataset(files_, path_, options);
  }
  // A query that gives no row for hours is broken off by the third answer.
  void expect_broken_off(const std::string& query) {
    int asked = 0;
    const StopQuestion thrice([&asked]() -> Status {
      if (++asked < 3) return {};
      return Error(ErrorCode::kBudgetExceeded, "time: all used");
    });
    const auto data = ask(query, {}, thrice);
    ASSERT_FALSE(data.ok());
    EXPECT_EQ(data.error().code(), ErrorCode::kBudgetExceeded) << data.error().to_string();
    EXPECT_EQ(data.error().message(), "time: all used") << "the reason, not the library's words";
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(ask("")->table.rows, 3) << "the file is as it was";
  }
  TestFolder folder_;
  FileSystem& files_ = real_file_system();
  const std::string path_ = folder_ / "a.bin";  // told by content
};

}  // namespace tenbin
