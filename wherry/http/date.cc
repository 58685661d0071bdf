// SPDX-License-Identifier: MIT
#include "wherry/http/date.h"

#include <algorithm>
#include <array>
#include <span>

#include "wherry/base/ascii.h"
#include "wherry/base/assert.h"
#include "wherry/base/text_writer.h"

namespace wherry::http {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::array<std::string_view, 7> kDayNames = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonthNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
/// Days before each month of a year that begins in March, so that the leap day comes last.
constexpr std::array<int, 12> kDaysBeforeMonth = {0,   31,  61,  92,  122, 153,
                                                  184, 214, 245, 275, 306, 337};
constexpr int kDaysPerYear = 365;
constexpr int kDaysPer4Years = 4 * kDaysPerYear + 1;
constexpr int kDaysPer100Years = 25 * kDaysPer4Years - 1;
constexpr int kDaysPer400Years = 4 * kDaysPer100Years + 1;
constexpr int kDaysBeforeEpoch = 719'468;  // from 1 March of the year 0 to 1 January 1970

struct CivilDate {
  int year = 0;   // 1..9999
  int month = 0;  // 1..12
  int day = 0;    // 1..31
};

struct TimeOfDay {
  int hour = 0;
  int minute = 0;
  int second = 0;  // 60 is a leap second
};

constexpr bool is_leap_year(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Returns: days since 1 January 1970, for the years 1..9999.
constexpr int days_from_civil(CivilDate date) {
  const int year = date.month > 2 ? date.year : date.year - 1;  // the years begin in March
  const auto month = static_cast<std::size_t>((date.month + 9) % 12);
  return year * kDaysPerYear + year / 4 - year / 100 + year / 400 + kDaysBeforeMonth[month] +
         date.day - 1 - kDaysBeforeEpoch;
}

/// The inverse.
constexpr CivilDate civil_from_days(int days) {
  int rest = days + kDaysBeforeEpoch;
  int year = rest / kDaysPer400Years * 400;
  rest %= kDaysPer400Years;
  const int centuries = std::min(rest / kDaysPer100Years, 3);  // the fourth has the leap day more
  rest -= centuries * kDaysPer100Years;
  const int leaps = rest / kDaysPer4Years;
  rest -= leaps * kDaysPer4Years;
  const int years = std::min(rest / kDaysPerYear, 3);
  rest -= years * kDaysPerYear;
  year += 100 * centuries + 4 * leaps + years;
  const auto after = std::upper_bound(kDaysBeforeMonth.begin(), kDaysBeforeMonth.end(), rest);
  const int month = static_cast<int>(after - kDaysBeforeMonth.begin()) - 1;  // 0 is March
  rest -= kDaysBeforeMonth[static_cast<std::size_t>(month)];
  return {month >= 10 ? year + 1 : year, (month + 2) % 12 + 1, rest + 1};
}

static_assert(days_from_civil({1970, 1, 1}) == 0);
static_assert(days_from_civil({1, 1, 1}) * kSecondsPerDay == kMinHttpDate);
static_assert(days_from_civil({9999, 12, 31}) * kSecondsPerDay + kSecondsPerDay - 1 ==
              kMaxHttpDate);

/// Returns: 0 for Sunday; 1 January 1970 was a Thursday.
constexpr std::size_t weekday_of(int days) {
  return static_cast<std::size_t>((days + kDaysBeforeEpoch + 3) % 7);
}

static_assert(weekday_of(0) == 4);

constexpr int year_of(std::int64_t unix_seconds) {
  const std::int64_t seconds = std::clamp(unix_seconds, kMinHttpDate, kMaxHttpDate) - kMinHttpDate;
  const auto days = static_cast<int>(seconds / kSecondsPerDay);
  return civil_from_days(days + days_from_civil({1, 1, 1})).year;
}

/// Reads a date from left to right; after the first thing that is not there, all else fails too.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool complete() const { return ok_ && rest_.empty(); }

  void expect(const char* literal) {
    const std::string_view text(literal);
    ok_ = ok_ && rest_.starts_with(text);
    if (ok_) rest_.remove_prefix(text.size());
  }

  bool accept(char c) {
    if (!ok_ || !rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `count` digits.
  int digits(std::size_t count) {
    ok_ = ok_ && rest_.size() >= count;
    int value = 0;
    for (std::size_t i = 0; ok_ && i < count; ++i) {
      ok_ = is_digit(rest_[i]);
      value = value * 10 + (rest_[i] - '0');
    }
    if (ok_) rest_.remove_prefix(count);
    return value;
  }

  /// One of `names`, of which the first `size` characters are written (all of them: npos).
  template <std::size_t N>
  std::size_t one_of(const std::array<std::string_view, N>& names, std::size_t size) {
    for (std::size_t i = 0; ok_ && i < N; ++i) {
      const std::string_view name = names[i].substr(0, size);
      if (!rest_.starts_with(name)) continue;
      rest_.remove_prefix(name.size());
      return i;
    }
    ok_ = false;
    return 0;
  }

  int month() { return static_cast<int>(one_of(kMonthNames, std::string_view::npos)) + 1; }

  TimeOfDay time_of_day() {
    TimeOfDay time;
    time.hour = digits(2);
    expect(":");
    time.minute = digits(2);
    expect(":");
    time.second = digits(2);
    return time;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

constexpr bool exists(CivilDate date) {
  if (date.year < 1 || date.day < 1) return false;
  if (date.month == 2) return date.day <= (is_leap_year(date.year) ? 29 : 28);
  const bool is_short = date.month == 4 || date.month == 6 || date.month == 9 || date.month == 11;
  return date.day <= (is_short ? 30 : 31);
}

Result<std::int64_t> to_seconds(CivilDate date, TimeOfDay time) {
  if (!exists(date) || time.hour > 23 || time.minute > 59 || time.second > 60) {
    return Error::bad_request;
  }
  const std::int64_t seconds = (time.hour * 60 + time.minute) * 60 + time.second;
  return days_from_civil(date) * kSecondsPerDay + seconds;
}

Result<std::int64_t> to_seconds(std::size_t weekday, CivilDate date, TimeOfDay time) {
  if (!exists(date) || weekday_of(days_from_civil(date)) != weekday) return Error::bad_request;
  return to_seconds(date, time);
}

/// Which year the two digits of RFC 850 mean: see parse_http_date.
int full_year(int two_digits, std::optional<std::int64_t> now) {
  if (!now) return two_digits >= 70 ? 1900 + two_digits : 2000 + two_digits;
  const int latest = std::min(year_of(*now) + 50, 9999);
  const int year = latest - latest % 100 + two_digits;
  return year > latest ? year - 100 : year;
}

/// IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
Result<std::int64_t> parse_imf_fixdate(std::string_view value) {
  DateReader reader(value);
  CivilDate date;
  const std::size_t weekday = reader.one_of(kDayNames, 3);
  reader.expect(", ");
  date.day = reader.digits(2);
  reader.expect(" ");
  date.month = reader.month();
  reader.expect(" ");
  date.year = reader.digits(4);
  reader.expect(" ");
  const TimeOfDay time = reader.time_of_day();
  reader.expect(" GMT");
  if (!reader.complete()) return Error::bad_request;
  return to_seconds(weekday, date, time);
}

/// rfc850-date: Sunday, 06-Nov-94 08:49:37 GMT
Result<std::int64_t> parse_rfc850_date(std::string_view value, std::optional<std::int64_t> now) {
  DateReader reader(value);
  CivilDate date;
  reader.one_of(kDayNames, std::string_view::npos);
  reader.expect(", ");
  date.day = reader.digits(2);
  reader.expect("-");
  date.month = reader.month();
  reader.expect("-");
  date.year = full_year(reader.digits(2), now);
  reader.expect(" ");
  const TimeOfDay time = reader.time_of_day();
  reader.expect(" GMT");
  if (!reader.complete()) return Error::bad_request;
  return to_seconds(date, time);
}

/// asctime-date: Sun Nov  6 08:49:37 1994
Result<std::int64_t> parse_asctime_date(std::string_view value) {
  DateReader reader(value);
  CivilDate date;
  const std::size_t weekday = reader.one_of(kDayNames, 3);
  reader.expect(" ");
  date.month = reader.month();
  reader.expect(" ");
  date.day = reader.accept(' ') ? reader.digits(1) : reader.digits(2);
  reader.expect(" ");
  const TimeOfDay time = reader.time_of_day();
  reader.expect(" ");
  date.year = reader.digits(4);
  if (!reader.complete()) return Error::bad_request;
  return to_seconds(weekday, date, time);
}

}  // namespace

HttpDate http_date(std::int64_t unix_seconds) noexcept {
  const std::int64_t since_year_1 =
      std::clamp(unix_seconds, kMinHttpDate, kMaxHttpDate) - kMinHttpDate;
  const int days = static_cast<int>(since_year_1 / kSecondsPerDay) + days_from_civil({1, 1, 1});
  const auto second = static_cast<int>(since_year_1 % kSecondsPerDay);
  const CivilDate date = civil_from_days(days);
  char memory[kHttpDateSize];
  TextWriter text{std::span(memory)};
  text.append(kDayNames[weekday_of(days)].substr(0, 3)).append(", ").append_decimal(date.day, 2);
  text.append(' ').append(kMonthNames[static_cast<std::size_t>(date.month - 1)]);
  text.append(' ').append_decimal(date.year, 4);
  text.append(' ').append_decimal(second / 3600, 2);
  text.append(':').append_decimal(second / 60 % 60, 2);
  text.append(':').append_decimal(second % 60, 2).append(" GMT");
  HttpDate result;
  const bool fits = !text.overflowed() && result.assign(text.view());
  WHERRY_ASSERT(fits);
  return result;
}

Result<std::int64_t> parse_http_date(std::string_view value,
                                     std::optional<std::int64_t> now) noexcept {
  const std::size_t comma = value.find(',');
  if (comma == std::string_view::npos) return parse_asctime_date(value);
  return comma == 3 ? parse_imf_fixdate(value) : parse_rfc850_date(value, now);
}

}  // namespace wherry::http
