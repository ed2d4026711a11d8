// SPDX-License-Identifier: Apache-2.0
#include "base/json_reader.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace tenbin {
namespace {

TEST(JsonReader, ReadsMembersItemsAndLeavesOutWhatIsNotWanted) {
  JsonReader in(
      R"( {"id": "a\u00e9\ud83d\ude00", "skip": {"x": [1, {"y": []}]}, "data": [1.5, -2]} )");
  std::string key, id;
  std::vector<double> data;
  for (in.enter_object(); in.next_key(key);) {
    if (key == "id") {
      in.read(id);
    } else if (key == "data") {
      double value = 0;
      for (in.enter_array(); in.next_item();) {
        if (in.read(value)) data.push_back(value);
      }
    } else {
      in.skip();
    }
  }
  EXPECT_TRUE(in.end()) << in.error();
  EXPECT_EQ(id, "a\u00e9\U0001F600");
  EXPECT_EQ(data, (std::vector<double>{1.5, -2}));
}

// Every text is taken or refused as by the parser that builds trees (which refuses duplicate keys
// beside: not among these).
TEST(JsonReader, AgreesWithTheTreeAboutWhatIsJson) {
  const std::vector<std::string> texts = {"{}",
                                          "[]",
                                          "[[]]",
                                          "null",
                                          "true",
                                          "false",
                                          "0",
                                          "-0",
                                          "1e5",
                                          "1E-5",
                                          "-1.25e+3",
                                          "\"\"",
                                          "[1,2]",
                                          "[1,]",
                                          "[,1]",
                                          "[1 2]",
                                          "{\"a\":1,}",
                                          "{\"a\"}",
                                          "{a:1}",
                                          "{\"a\":1 \"b\":2}",
                                          "01",
                                          "1.",
                                          ".5",
                                          "+1",
                                          "1e",
                                          "--1",
                                          "nul",
                                          "tru",
                                          "\"\\x\"",
                                          "\"\\u12\"",
                                          "\"\\ud800\"",
                                          "\"\\udc00\"",
                                          "\"\\ud800\\u0041\"",
                                          "\"\n\"",
                                          "\"abc",
                                          "[",
                                          "{",
                                          "]",
                                          "}",
                                          "[}",
                                          "{]",
                                          "",
                                          " ",
                                          "1 1",
                                          "[1]]",
                                          "\"\xff\"",
                                          "\"\xc0\x80\"",
                                          "\"\xed\xa0\x80\"",
                                          "\"\xf4\x90\x80\x80\"",
                                          "\"\xe2\x82\xac\"",
                                          "NaN",
                                          "Infinity",
                                          "[1e400]",
                                          "{\"a\":{\"b\":[{\"c\":null}]}}",
                                          "'a'",
                                          "[1,\t2\r\n]",
                                          std::string("2\0x", 3),
                                          std::string("[1]\0", 4),
                                          "/**/1",
                                          "\"\\/\""};
  for (const std::string& text : texts) {
    JsonReader in(text);
    const bool taken = in.skip() && in.end();
    EXPECT_EQ(taken, text == "[1e400]" || Json::parse(text).ok()) << text;
    EXPECT_EQ(taken, in.ok()) << "an error says why: " << text;
  }
}

TEST(JsonReader, RefusesWhatDoesNotFitItsType) {
  std::int64_t whole = 0;
  std::uint64_t natural = 0;
  float narrow = 0;
  double wide = 0;
  EXPECT_FALSE(JsonReader("1.5").read(whole));
  EXPECT_FALSE(JsonReader("1e3").read(whole));
  EXPECT_FALSE(JsonReader("9223372036854775808").read(whole));
  EXPECT_FALSE(JsonReader("-1").read(natural));
  EXPECT_FALSE(JsonReader("1e39").read(narrow)) << "larger than any float";
  EXPECT_FALSE(JsonReader("1e309").read(wide));
  EXPECT_TRUE(JsonReader("1e-50").read(narrow)) << "too small is zero";
  EXPECT_EQ(narrow, 0);
  EXPECT_TRUE(JsonReader("18446744073709551615").read(natural));
  EXPECT_EQ(natural, 18446744073709551615ull);
  EXPECT_TRUE(JsonReader("-9223372036854775808").read(whole));
}

TEST(JsonReader, HoldsItsDepth) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(JsonReader(nested(63)).skip());
  EXPECT_FALSE(JsonReader(nested(64)).skip());
  EXPECT_FALSE(JsonReader(nested(100'000)).skip()) << "no recursion, no crash";
}

TEST(JsonReader, KeepsItsFirstError) {
  JsonReader in("[1, x]");
  double value = 0;
  in.enter_array();
  ASSERT_TRUE(in.next_item());
  ASSERT_TRUE(in.read(value));
  EXPECT_FALSE(in.next_item());
  EXPECT_EQ(in.error(), "expected a value at byte 4");
  EXPECT_FALSE(in.read(value));
  EXPECT_EQ(in.error(), "expected a value at byte 4");
}

}  // namespace
}  // namespace tenbin
