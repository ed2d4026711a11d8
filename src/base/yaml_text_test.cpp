// SPDX-License-Identifier: Apache-2.0
#include "base/yaml_text.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(YamlText, WritesBlocksAndQuotesWhatWouldBeReadOtherwise) {
  const Json value = Json::object(
      {{"apiVersion", "apps/v1"},
       {"metadata", Json::object({{"name", "a-1"}, {"a.example/min-scale", "0"}})},
       {"empty", Json::array()},
       {"list",
        Json::array_of(std::vector<std::string>{"plain", "yes", "8080", "a: b", "{{.Name}}"})},
       {"deep", Json::array_of(std::vector<Json>{
                    Json::object({{"name", "x"}, {"args", Json::array_of(std::vector<int>{1, 2})}}),
                    Json::object({{"name", "y"}})})}});
  EXPECT_EQ(yaml_text(value),
            "apiVersion: apps/v1\n"
            "metadata:\n"
            "  name: a-1\n"
            "  a.example/min-scale: \"0\"\n"
            "empty: []\n"
            "list:\n"
            "- plain\n"
            "- \"yes\"\n"
            "- \"8080\"\n"
            "- \"a: b\"\n"
            "- \"{{.Name}}\"\n"
            "deep:\n"
            "- name: x\n"
            "  args:\n"
            "  - 1\n"
            "  - 2\n"
            "- name: \"y\"\n");
  EXPECT_EQ(yaml_text(Json(3)), "3\n");
}

}  // namespace
}  // namespace tenbin
