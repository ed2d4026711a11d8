// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenbin {

// The ways of writing an instant that are understood. kDayFirst and kMonthFirst share a look
// (03/04/2021), so a whole column is needed to tell them apart.
enum class TimeStyle { kIso, kDayFirst, kMonthFirst };

// Seconds since 1970 (UTC; a zone offset is applied, none counts as UTC), or nothing if `text` is
// not an instant of that style. kIso: 2021-03-04, 2021/03/04, 2021-03-04T05:06[:07[.8]][Z|+01:00].
// The others: 04/03/2021 or 04.03.2021 or 04-03-2021, with the same times after a space.
// Fractions of a second are dropped. Proleptic Gregorian calendar, years 1 to 9999.
std::optional<std::int64_t> parse_time(std::string_view text, TimeStyle style);

// "2021-03-04" at midnight, else "2021-03-04 05:06:07".
std::string time_text(std::int64_t seconds);

// A number of the form 1, -2.5, +3e-4, .5, inf, nan as a double; surrounding blanks allowed;
// nothing if `text` is anything else. Independent of the locale.
std::optional<double> parse_cell_number(std::string_view text);

// The shortest decimal text that reads back as `value`: "1", "0.1", "1e+20".
std::string number_text(double value);

}  // namespace tenbin
