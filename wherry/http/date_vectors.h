// SPDX-License-Identifier: MIT
// Dates and the seconds that they mean (RFC 9110 §5.6.7). Plain data without a test framework, so
// that a board can run through it too.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wherry::http {

inline constexpr std::int64_t kExampleDate = 784'111'777;

struct DateVector {
  std::string_view text;
  std::int64_t seconds;  // Unix time
};

inline constexpr DateVector kDateVectors[] = {
    {"Sun, 06 Nov 1994 08:49:37 GMT", kExampleDate},
    {"Sunday, 06-Nov-94 08:49:37 GMT", kExampleDate},
    {"Sun Nov  6 08:49:37 1994", kExampleDate},
    {"Sun Nov 06 08:49:37 1994", kExampleDate},
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
    {"Tue, 29 Feb 2000 00:00:00 GMT", 951'782'400},
    {"Sat, 31 Dec 2016 23:59:60 GMT", 1'483'228'800},  // a leap second
    {"Tue, 19 Jan 2038 03:14:08 GMT", 2'147'483'648},
};

inline constexpr std::string_view kRefusedDateVectors[] = {
    "",
    ",",
    "0",
    "Sun",
    "now",
    "Sun,",
    "784111777",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 GMT ",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 gmt",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun,06 Nov 1994 08:49:37 GMT",
    "Sun, 06  Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 8:49:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT",
    "Sun, -6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",
    "Mon, 06 Nov 1994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Thu, 31 Nov 1994 08:49:37 GMT",
    "Sun, 32 Dec 1994 08:49:37 GMT",
    "Wed, 29 Feb 2023 00:00:00 GMT",
    "Thu, 29 Feb 1900 00:00:00 GMT",
    "Sat, 01 Jan 0000 00:00:00 GMT",
    "Sunday, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Sunday, 31-Feb-94 08:49:37 GMT",
    "Someday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994",
    "Sun Nov  6 08:49:37 94",
    "Mon Nov  6 08:49:37 1994",
    "Sun Nov  6 08:49:37 1994 GMT",
    "Sunday Nov  6 08:49:37 1994",
};

// Years of two digits (RFC 850), by what time it is.
struct ShortYearVector {
  std::string_view text;
  std::optional<std::int64_t> now;
  std::string_view year;
};

inline constexpr std::int64_t kIn2026 = 1'767'225'600;  // Thu, 01 Jan 2026 00:00:00 GMT
inline constexpr std::int64_t kIn2060 = 2'840'140'800;  // Thu, 01 Jan 2060 00:00:00 GMT

inline constexpr ShortYearVector kShortYearVectors[] = {
    {"Sunday, 06-Nov-94 08:49:37 GMT", kIn2026, "1994"},
    {"Sunday, 06-Nov-26 08:49:37 GMT", kIn2026, "2026"},
    {"Sunday, 06-Nov-76 08:49:37 GMT", kIn2026, "2076"},
    {"Sunday, 06-Nov-77 08:49:37 GMT", kIn2026, "1977"},
    {"Sunday, 06-Nov-00 08:49:37 GMT", kIn2026, "2000"},
    {"Sunday, 06-Nov-10 08:49:37 GMT", kIn2060, "2110"},
    {"Sunday, 06-Nov-11 08:49:37 GMT", kIn2060, "2011"},
};

// Without a clock they begin at 1970.
inline constexpr ShortYearVector kClocklessYearVectors[] = {
    {"Sunday, 06-Nov-70 08:49:37 GMT", std::nullopt, "1970"},
    {"Sunday, 06-Nov-99 08:49:37 GMT", std::nullopt, "1999"},
    {"Sunday, 06-Nov-00 08:49:37 GMT", std::nullopt, "2000"},
    {"Sunday, 06-Nov-69 08:49:37 GMT", std::nullopt, "2069"},
};

}  // namespace wherry::http
