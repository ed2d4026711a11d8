// SPDX-License-Identifier: Apache-2.0
#include "data/text_check.h"

#include <algorithm>

namespace tenbin {

void TextCheck::wrong(unsigned char byte) {
  if (bad_line == 0) bad_line = lines;
  if (byte < 0xA0) maybe_latin1 = false;  // control codes there
}

void TextCheck::add(std::string_view piece) {
  for (const char c : piece) {
    const auto byte = static_cast<unsigned char>(c);
    ++line_bytes_;
    if (wanted_ > 0) {
      if ((byte & 0xC0) == 0x80) {
        code_ = code_ << 6 | (byte & 0x3Fu);
        if (--wanted_ > 0) continue;
        const bool surrogate = code_ >= 0xD800 && code_ <= 0xDFFF;
        if (code_ < least_ || code_ > 0x10FFFF || surrogate)
          wrong(0x80);
        else
          has_utf8 = true;
        continue;
      }
      wanted_ = 0;
      wrong(lead_);
    }
    if (byte < 0x80) {
      if (byte == 0 && nul_line == 0) nul_line = lines;
      if (byte == '\n') {
        ++lines;
        longest_line = std::max(longest_line, line_bytes_);
        line_bytes_ = 0;
      }
      continue;
    }
    lead_ = byte;
    if (byte >= 0xC2 && byte <= 0xDF) {
      wanted_ = 1, code_ = byte & 0x1Fu, least_ = 0x80;
    } else if (byte >= 0xE0 && byte <= 0xEF) {
      wanted_ = 2, code_ = byte & 0x0Fu, least_ = 0x800;
    } else if (byte >= 0xF0 && byte <= 0xF4) {
      wanted_ = 3, code_ = byte & 0x07u, least_ = 0x10000;
    } else {
      wrong(byte);
    }
  }
}

void TextCheck::finish() {
  if (wanted_ > 0) wrong(lead_);
  wanted_ = 0;
  longest_line = std::max(longest_line, line_bytes_);
}

std::string latin1_to_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | byte >> 6);
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

}  // namespace tenbin
