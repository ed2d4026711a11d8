// SPDX-License-Identifier: Apache-2.0
#include "data/profile/row_keys.h"

#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

namespace tenbin {
namespace {

std::uint64_t mix(std::uint64_t x) {  // the finaliser of splitmix64
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

void add(RowKey& key, std::uint64_t value) {
  key.high = mix(key.high + 0x9e3779b97f4a7c15u + value);
  key.low = mix((key.low ^ value) * 0xd6e8feb86659fd93u + 0x2545f4914f6cdd1du);
}

RowKey key_of(std::string_view bytes) {
  RowKey key;
  add(key, bytes.size());
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    add(key, word);
  }
  std::uint64_t word = 0;
  if (i < bytes.size()) std::memcpy(&word, bytes.data() + i, bytes.size() - i);
  add(key, word);
  return key;
}

RowKey key_of(double value) {
  if (std::isnan(value)) return {0, 1};
  const double plain = value == 0 ? 0.0 : value;  // -0 is 0
  std::uint64_t bits = 0;
  std::memcpy(&bits, &plain, sizeof(bits));
  RowKey key;
  add(key, bits);
  return key;
}

}  // namespace

KeySet::KeySet(std::size_t expected) {
  std::size_t size = 16;
  while (size < 2 * expected) size *= 2;
  slots_.resize(size);
}

std::size_t KeySet::place_of(const RowKey& key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = static_cast<std::size_t>(mix(key.high ^ key.low)) & mask;
  while (slots_[at] != RowKey{} && slots_[at] != key) at = (at + 1) & mask;
  return at;
}

bool KeySet::insert(const RowKey& key) {
  if (key == RowKey{}) return !std::exchange(has_zero_, true);
  std::size_t at = place_of(key);
  if (slots_[at] == key) return false;
  if (2 * (used_ + 1) > slots_.size()) {
    grow();
    at = place_of(key);
  }
  slots_[at] = key;
  ++used_;
  return true;
}

bool KeySet::contains(const RowKey& key) const {
  return key == RowKey{} ? has_zero_ : slots_[place_of(key)] == key;
}

void KeySet::grow() {
  const std::vector<RowKey> old = std::exchange(slots_, std::vector<RowKey>(2 * slots_.size()));
  for (const RowKey& key : old) {
    if (key != RowKey{}) slots_[place_of(key)] = key;
  }
}

RowKey cell_key(const Column& column, std::int64_t row) {
  const auto i = static_cast<std::size_t>(row);
  RowKey key;
  switch (column.type) {
    case ColumnType::kNumber:
    case ColumnType::kBoolean: return key_of(column.numbers[i]);
    case ColumnType::kCategory: add(key, static_cast<std::uint64_t>(column.codes[i])); return key;
    case ColumnType::kTime: add(key, static_cast<std::uint64_t>(column.times[i])); return key;
    case ColumnType::kText: return key_of(column.texts[i]);
    case ColumnType::kImage: {
      const std::size_t bytes =
          column.images.byte_size() / static_cast<std::size_t>(column.images.shape()[0]);
      return key_of(std::string_view(
          reinterpret_cast<const char*>(column.images.bytes().data()) + i * bytes, bytes));
    }
  }
  return key;
}

Result<std::vector<RowKey>> row_keys(const Table& table, const std::string& except,
                                     const StopQuestion& may_go_on) {
  std::vector<RowKey> keys(static_cast<std::size_t>(table.rows));
  for (const Column& column : table.columns) {
    if (column.name == except) continue;
    TENBIN_CHECK(may_go_on());
    for (std::size_t row = 0; row < keys.size(); ++row) {
      const RowKey cell = cell_key(column, static_cast<std::int64_t>(row));
      add(keys[row], cell.high);
      add(keys[row], cell.low);
    }
  }
  return keys;
}

}  // namespace tenbin
