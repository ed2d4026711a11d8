// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenbin {

// Goes through a text piece by piece and finds what is not UTF-8. Constant memory.
class TextCheck {
 public:
  void add(std::string_view piece);
  void finish();  // after the last piece: a sequence cut short counts as wrong

  std::int64_t lines = 1;         // so far
  std::int64_t nul_line = 0;      // first line with a NUL byte; 0: none
  std::int64_t bad_line = 0;      // first line with bytes that are not UTF-8; 0: none
  bool has_utf8 = false;          // some valid sequence of two bytes or more
  bool maybe_latin1 = true;       // every wrong byte is a printable one of Latin-1
  std::int64_t longest_line = 0;  // [B]

 private:
  void wrong(unsigned char byte);
  int wanted_ = 0;  // continuation bytes still to come
  std::uint32_t code_ = 0, least_ = 0;
  unsigned char lead_ = 0;
  std::int64_t line_bytes_ = 0;
};

// UTF-8 of a Latin-1 text.
std::string latin1_to_utf8(std::string_view text);

}  // namespace tenbin
