// SPDX-License-Identifier: MIT
#include "wherry/http/date.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/date_vectors.h"

namespace wherry::http {
namespace {

constexpr std::int64_t kDay = 86'400;

/// The same by way of libc, which the code under test does not use.
std::string imf_fixdate_of_libc(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  static const char* const kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static const char* const kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[128];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[parts.tm_wday],
                parts.tm_mday, kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  return text;
}

std::string asctime_of_libc(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  const std::string date = imf_fixdate_of_libc(seconds);
  char day[8];
  std::snprintf(day, sizeof day, "%2d", parts.tm_mday);
  return date.substr(0, 3) + " " + date.substr(8, 3) + " " + day + " " + date.substr(17, 8) + " " +
         date.substr(12, 4);
}

TEST(Date, EveryDayOfTheYears1To9999GoesThereAndBack) {
  std::int64_t second_of_day = 0;
  for (std::int64_t day = kMinHttpDate; day <= kMaxHttpDate; day += kDay) {
    second_of_day = (second_of_day * 48'271 + 11) % kDay;
    const std::int64_t seconds = day + second_of_day;
    const HttpDate text = http_date(seconds);
    ASSERT_EQ(text.view(), imf_fixdate_of_libc(seconds));
    ASSERT_EQ(parse_http_date(text).value(), seconds) << text.view();
  }
}

TEST(Date, EverySecondOfADayGoesThereAndBack) {
  for (std::int64_t seconds = kExampleDate; seconds < kExampleDate + kDay; ++seconds) {
    const HttpDate text = http_date(seconds);
    ASSERT_EQ(text.view(), imf_fixdate_of_libc(seconds));
    ASSERT_EQ(parse_http_date(text).value(), seconds);
  }
}

TEST(Date, AsctimeIsReadForEveryDayOfFourHundredYears) {
  for (std::int64_t seconds = kExampleDate; seconds < kExampleDate + 146'097 * kDay;
       seconds += kDay) {
    ASSERT_EQ(parse_http_date(asctime_of_libc(seconds)).value(), seconds)
        << asctime_of_libc(seconds);
  }
}

TEST(Date, WhatNoDateCanSayBecomesTheNearest) {
  EXPECT_EQ(http_date(kMinHttpDate).view(), "Mon, 01 Jan 0001 00:00:00 GMT");
  EXPECT_EQ(http_date(kMinHttpDate - 1), http_date(kMinHttpDate));
  EXPECT_EQ(http_date(INT64_MIN), http_date(kMinHttpDate));
  EXPECT_EQ(http_date(kMaxHttpDate).view(), "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(http_date(kMaxHttpDate + 1), http_date(kMaxHttpDate));
  EXPECT_EQ(http_date(INT64_MAX), http_date(kMaxHttpDate));
}

class DateAccepts : public testing::TestWithParam<DateVector> {};

TEST_P(DateAccepts, TheSecondsAre) {
  const GuardedText text(GetParam().text);
  const auto seconds = parse_http_date(text.view());
  ASSERT_TRUE(seconds) << GetParam().text;
  EXPECT_EQ(*seconds, GetParam().seconds);
}

INSTANTIATE_TEST_SUITE_P(Rows, DateAccepts, testing::ValuesIn(kDateVectors));

class DateRefuses : public testing::TestWithParam<std::string_view> {};

TEST_P(DateRefuses, AsBadRequest) {
  const GuardedText text(GetParam());
  EXPECT_EQ(error_of(parse_http_date(text.view())), Error::bad_request) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Rows, DateRefuses, testing::ValuesIn(kRefusedDateVectors));

TEST(Date, EveryPrefixIsRefused) {
  for (const std::string_view whole :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994"}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const GuardedText prefix(whole.substr(0, size));
      EXPECT_EQ(error_of(parse_http_date(prefix.view())), Error::bad_request) << prefix.view();
    }
  }
}

std::string_view year_of(std::string_view rfc850_date, std::optional<std::int64_t> now) {
  static HttpDate date;
  date = http_date(parse_http_date(rfc850_date, now).value());
  return date.view().substr(12, 4);
}

TEST(Date, TwoDigitYearsAreAtMostFiftyYearsAhead) {
  ASSERT_EQ(parse_http_date("Thu, 01 Jan 2026 00:00:00 GMT"), kIn2026);
  ASSERT_EQ(parse_http_date("Thu, 01 Jan 2060 00:00:00 GMT"), kIn2060);
  for (const ShortYearVector& row : kShortYearVectors) {
    EXPECT_EQ(year_of(row.text, row.now), row.year) << row.text;
  }
}

TEST(Date, WithoutAClockTwoDigitYearsBeginAt1970) {
  for (const ShortYearVector& row : kClocklessYearVectors) {
    EXPECT_EQ(year_of(row.text, std::nullopt), row.year) << row.text;
  }
}

TEST(Date, AClockThatIsFarOffBreaksNothing) {
  EXPECT_TRUE(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", INT64_MAX));
  EXPECT_EQ(year_of("Sunday, 06-Nov-94 08:49:37 GMT", INT64_MAX), "9994");
  EXPECT_EQ(year_of("Sunday, 06-Nov-44 08:49:37 GMT", INT64_MIN), "0044");
  EXPECT_EQ(error_of(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", INT64_MIN)),
            Error::bad_request);
}

}  // namespace
}  // namespace wherry::http
