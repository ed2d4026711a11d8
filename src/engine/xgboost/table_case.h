// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "platform/file_system.h"
#include "platform/random.h"

// Tables of numbers for tests of trees; the last column is the answer.
namespace tenbin {

// A file of scikit-learn's own data; empty where it is not installed.
inline std::string table_text(const std::string& name) {
  auto text = real_file_system().read_text(
      "/usr/lib/python3/dist-packages/sklearn/datasets/data/" + name, 1 << 20);
  return text.ok() ? std::move(*text) : std::string();
}

// Its rows, if it is CSV with a head; empty where it is not installed.
inline std::vector<std::vector<float>> table_rows(const std::string& name, std::size_t columns) {
  const std::string text = table_text(name);
  std::vector<std::vector<float>> rows;
  if (text.empty()) return rows;
  const char* p = text.c_str() + text.find('\n') + 1;
  while (*p != '\0') {
    std::vector<float> row;
    for (std::size_t k = 0; k < columns; ++k) {
      char* end = nullptr;
      row.push_back(std::strtof(p, &end));
      p = *end == '\0' ? end : end + 1;
    }
    while (*p == '\n' || *p == '\r') ++p;
    rows.push_back(std::move(row));
  }
  return rows;
}

// 1500 rows of six columns with gaps: a smooth answer of four of them, with noise.
inline std::vector<std::vector<float>> drawn_table(std::size_t classes) {
  Random random(5);
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < 1'500; ++i) {
    std::vector<float> row;
    for (int k = 0; k < 6; ++k) row.push_back(static_cast<float>(random.uniform()));
    const double y = std::sin(6 * static_cast<double>(row[0])) + static_cast<double>(row[1]) +
                     2 * static_cast<double>(row[2] * row[3]) + 0.2 * random.normal();
    const double share = std::clamp((y + 1) / 4, 0.0, 0.999);
    for (float& x : row) x = random.uniform() < 0.08 ? std::nanf("") : x;
    row.push_back(classes == 0
                      ? static_cast<float>(20 + 10 * y)
                      : static_cast<float>(std::floor(share * static_cast<double>(classes))));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tenbin
