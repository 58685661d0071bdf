// SPDX-License-Identifier: MIT
#include "wherry/http/method.h"

#include <gtest/gtest.h>

namespace wherry::http {
namespace {

TEST(Method, EveryKnownMethodSurvivesARoundTrip) {
  for (int i = 0; i < static_cast<int>(Method::other); ++i) {
    const auto method = static_cast<Method>(i);
    EXPECT_FALSE(method_text(method).empty());
    EXPECT_EQ(parse_method(method_text(method)), method) << method_text(method);
  }
}

TEST(Method, TextIsThatOfTheRequestLine) {
  EXPECT_EQ(method_text(Method::get), "GET");
  EXPECT_EQ(method_text(Method::head), "HEAD");
  EXPECT_EQ(method_text(Method::put), "PUT");
  EXPECT_EQ(method_text(Method::post), "POST");
  EXPECT_EQ(method_text(Method::delete_), "DELETE");
  EXPECT_EQ(method_text(Method::options), "OPTIONS");
  EXPECT_EQ(method_text(Method::patch), "PATCH");
  EXPECT_EQ(method_text(Method::other), "");
}

TEST(Method, AnythingElseIsOther) {
  for (const char* text : {"", "get", "Get", "GETS", "GE", "CONNECT", "TRACE", "BREW", "PUT "}) {
    EXPECT_EQ(parse_method(text), Method::other) << text;
  }
}

}  // namespace
}  // namespace wherry::http
