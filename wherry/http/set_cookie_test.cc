// SPDX-License-Identifier: MIT
#include "wherry/http/set_cookie.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "wherry/http/cookie.h"

namespace wherry::http {
namespace {

// The field, or the error as "!" and its number.
std::string written(const SetCookie& cookie, std::size_t room = 256) {
  std::string memory(room, '\0');
  TextWriter writer{std::span<char>(memory)};
  const Result<> result = append_set_cookie(cookie, writer);
  if (result) return std::string(writer.view());
  EXPECT_TRUE(result.error() == Error::no_memory || writer.size() == 0);
  return "!" + std::to_string(static_cast<int>(result.error()));
}

const std::string kRefused = "!" + std::to_string(static_cast<int>(Error::bad_request));

TEST(SetCookie, WritesNameAndValueAlone) {
  EXPECT_EQ(written({.name = "a", .value = "1"}), "a=1");
  EXPECT_EQ(written({.name = "a", .value = ""}), "a=");
  EXPECT_EQ(written({.name = "a", .value = "\"b=c/d+e==\""}), "a=\"b=c/d+e==\"");
}

TEST(SetCookie, WritesEachAttribute) {
  EXPECT_EQ(written({.name = "sid",
                     .value = "31d4",
                     .path = "/a b",
                     .domain = "www.example.com",
                     .max_age_s = 3600,
                     .secure = true,
                     .http_only = true,
                     .same_site = SetCookie::SameSite::none}),
            "sid=31d4; Path=/a b; Domain=www.example.com; Max-Age=3600; Secure; HttpOnly; "
            "SameSite=None");
  EXPECT_EQ(written({.name = "a", .value = "1", .same_site = SetCookie::SameSite::lax}),
            "a=1; SameSite=Lax");
  EXPECT_EQ(written({.name = "a", .value = "1", .same_site = SetCookie::SameSite::strict}),
            "a=1; SameSite=Strict");
}

TEST(SetCookie, AnAgeOfZeroForgets) {
  EXPECT_EQ(written({.name = "a", .value = "", .max_age_s = 0}),
            "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(SetCookie, RefusesWhatTheGrammarDoesNotAllow) {
  for (const std::string_view name : {"", "a b", "a=b", "a;b", "\"a\"", "a\r\nb", "\xC3\xA4"}) {
    EXPECT_EQ(written({.name = name, .value = "1"}), kRefused) << name;
  }
  for (const std::string_view value : {"a b", "a;b", "a,b", "a\\b", "a\"b", "\"", "\"a", "a\"",
                                       "a\r\nSet-Cookie: b=c", "\xC3\xA4", "a\tb", "\x7F"}) {
    EXPECT_EQ(written({.name = "a", .value = value}), kRefused) << value;
  }
  for (const std::string_view path : {"/;Domain=evil", "/\r\nX: y", "/\x7F", "/\xC3\xA4"}) {
    EXPECT_EQ(written({.name = "a", .value = "1", .path = path}), kRefused) << path;
  }
  for (const std::string_view domain : {"a b", "a;b", "a,b", "a_b", "[::1]", "a\nb"}) {
    EXPECT_EQ(written({.name = "a", .value = "1", .domain = domain}), kRefused) << domain;
  }
  EXPECT_EQ(written({.name = "a", .value = "1", .same_site = SetCookie::SameSite::none}), kRefused);
}

TEST(SetCookie, WhatDoesNotFitIsSaid) {
  const SetCookie cookie{.name = "a", .value = "1", .secure = true};
  EXPECT_EQ(written(cookie, 11), "a=1; Secure");
  EXPECT_EQ(written(cookie, 10), "!" + std::to_string(static_cast<int>(Error::no_memory)));
}

TEST(SetCookie, IsFoundAgainAsItComesBack) {
  const std::string field = written({.name = "sid", .value = "x=y", .path = "/"});
  const std::string sent_back = "other=1; " + field.substr(0, field.find(';'));
  EXPECT_EQ(find_cookie(sent_back, "sid"), "x=y");
}

}  // namespace
}  // namespace wherry::http
