// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenbin {

// Reads JSON text (RFC 8259) in place, value by value, without building a tree: for large arrays of
// numbers and for what is looked at once. The first error stays; every read after it fails. Text
// must outlive the reader. Limits: depth 64.
//
//   JsonReader in(text);
//   std::string key;
//   for (in.enter_object(); in.next_key(key);) key == "id" ? in.read(id) : in.skip();
//   if (!in.end()) ... in.error()
class JsonReader {
 public:
  enum class Kind : std::uint8_t { kObject, kArray, kString, kNumber, kBool, kNull, kNone };

  explicit JsonReader(std::string_view text) : text_(text) {}

  // What comes next; kNone at the end and where no value can begin.
  Kind peek();
  bool enter_object();
  // The next key of the object, positioned at its value; false: the object has ended, or an error.
  bool next_key(std::string& key);
  bool enter_array();
  // Whether another item follows, positioned at it; false: the array has ended, or an error.
  bool next_item();

  bool read(std::string& value);
  bool read(double& value);
  bool read(float& value);
  bool read(std::int64_t& value);  // a number without fraction and exponent
  bool read(std::uint64_t& value);
  bool read(bool& value);
  bool read_null();
  bool skip();  // any value
  // The text of any value, as it stands.
  bool read_raw(std::string_view& value);

  // Nothing but space follows, and nothing went wrong.
  bool end();
  bool ok() const { return error_.empty(); }
  // "expected a number at byte 17".
  const std::string& error() const { return error_; }
  std::size_t position() const { return at_; }
  // Makes this the first error, at the present place. Returns false.
  bool fail(std::string_view expected);

 private:
  void skip_space();
  bool take(char c);
  bool number_text(std::string_view& number, bool whole);
  template <class T> bool read_number(T& value, bool whole);
  bool read_escape(std::string& value);
  bool read_hex(std::uint32_t& value);
  bool in_object() const { return (objects_ >> depth_ & 1) != 0; }
  bool enter(char open);
  bool next(char close);

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  // By depth, a bit each: a value was read in this object or array; it is an object.
  std::uint64_t began_ = 0, objects_ = 0;
  std::string error_;
};

}  // namespace tenbin
