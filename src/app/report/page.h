// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenbin {

// Everything before a page's own words: title, looks for screen, dark and paper, the hatching of
// modelled numbers. The page may load nothing and run nothing.
std::string page_head(const std::string& title);

// JSON as data in a page, such that it cannot end its element early.
std::string embedded_json(const char* id, const std::string& json);

}  // namespace tenbin
