// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tensor/op_call.h"

namespace tenbin {

// Writes a fragment call by call. Every value and constant it makes is named `prefix` + a number
// and a word, so fragments with different prefixes never clash. The last call's value is the output
// that done() declares.
class FragmentBuilder {
 public:
  explicit FragmentBuilder(std::string prefix) : prefix_(std::move(prefix)) {}

  // Declares a raw column; its name is the value's name.
  std::string input(const std::string& name, ElementType type, Shape shape);
  std::string constant(const std::string& word, Tensor value);
  // One output; returns its name.
  std::string call(const std::string& op, std::vector<std::string> inputs,
                   Attributes attributes = {}, const std::string& domain = {});
  // StringSplit at white space: its first output; the second, the counts, is named and unused.
  std::string split_words(const std::string& text);
  // Columns of equal type side by side: the one itself, or a Concat on axis 1.
  std::string concat(std::vector<std::string> values);
  Fragment done(const std::string& output);

 private:
  std::string fresh(const std::string& word);

  std::string prefix_;
  int made_ = 0;
  Fragment fragment_;
};

// Float constants [1, n] and int64 scalars, as the calls of transforms want them.
Tensor row_of(const std::vector<float>& values);
Tensor whole(std::int64_t value);

}  // namespace tenbin
