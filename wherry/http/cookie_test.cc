// SPDX-License-Identifier: MIT
#include "wherry/http/cookie.h"

#include <gtest/gtest.h>

namespace wherry::http {
namespace {

TEST(Cookie, IsFoundByItsWholeName) {
  constexpr std::string_view kCookies = "sid=1; session=abc; s=2";
  EXPECT_EQ(find_cookie(kCookies, "session"), "abc");
  EXPECT_EQ(find_cookie(kCookies, "s"), "2");
  EXPECT_EQ(find_cookie(kCookies, "sess"), std::nullopt);
  EXPECT_EQ(find_cookie(kCookies, "sessions"), std::nullopt);
  EXPECT_EQ(find_cookie(kCookies, "ession"), std::nullopt);
  EXPECT_EQ(find_cookie(kCookies, "Session"), std::nullopt);
  EXPECT_EQ(find_cookie("", "a"), std::nullopt);
}

TEST(Cookie, TheFirstOfEqualNamesCounts) { EXPECT_EQ(find_cookie("a=1; a=2", "a"), "1"); }

TEST(Cookie, AValueIsTakenAsItIs) {
  EXPECT_EQ(find_cookie("a=\"b c\"; d=", "a"), "\"b c\"");
  EXPECT_EQ(find_cookie("a=\"b c\"; d=", "d"), "");
  EXPECT_EQ(find_cookie("a=b=c", "a"), "b=c");
}

TEST(Cookie, SpaceAndEmptyPairsBetweenAreSkipped) {
  EXPECT_EQ(find_cookie(";; x;a=1 ;\tb=2;", "b"), "2");
  EXPECT_EQ(find_cookie(";; x;a=1 ;\tb=2;", "a"), "1");
  EXPECT_EQ(find_cookie(";; x;a=1 ;\tb=2;", "x"), std::nullopt);
}

TEST(Cookie, IsFoundInEveryCookieField) {
  const Result<RequestHead> head =
      RequestHead::parse("GET / HTTP/1.1\r\nCookie: a=1\r\ncookie: a=2; b=3\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(find_cookie(*head, "a"), "1");
  EXPECT_EQ(find_cookie(*head, "b"), "3");
  EXPECT_EQ(find_cookie(*head, "c"), std::nullopt);
}

}  // namespace
}  // namespace wherry::http
