// SPDX-License-Identifier: MIT
// HTTP's dates from and to Unix seconds.
// Knows the calendar; not what time it is, nor zones, locales or libc's idea of time.
// Keeps: parse_http_date(http_date(t)) == t for all seconds of the years 1 to 9999.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/fixed_string.h"
#include "wherry/base/result.h"

namespace wherry::http {

/// The size of an IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
inline constexpr std::size_t kHttpDateSize = 29;
using HttpDate = FixedString<kHttpDateSize>;

/// The first and the last second that a date can say: of the years 1 and 9999.
inline constexpr std::int64_t kMinHttpDate = -62'135'596'800;
inline constexpr std::int64_t kMaxHttpDate = 253'402'300'799;

/// Returns: `unix_seconds` as an IMF-fixdate; what no date can say becomes the nearest that one
/// can. Source: RFC 9110 §5.6.7.
HttpDate http_date(std::int64_t unix_seconds) noexcept;

/// Reads a date in any of the three forms of RFC 9110 §5.6.7.
/// `now`: Unix seconds, for the two-digit years of RFC 850: the year that is at most 50 years ahead
/// of it. A board without a clock has none: then 70..99 are 1970..1999, 00..69 are 2000..2069.
/// Returns: Unix seconds.
/// Errors: bad_request: none of the forms, a day or time that does not exist, or (where the year is
///         written in full) a day name that is not that day's.
Result<std::int64_t> parse_http_date(std::string_view value,
                                     std::optional<std::int64_t> now = std::nullopt) noexcept;

}  // namespace wherry::http
