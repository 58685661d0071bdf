// SPDX-License-Identifier: MIT
#include "wherry/base/fixed_string.h"

#include <gtest/gtest.h>

#include <string>

namespace wherry {
namespace {

static_assert(sizeof(FixedString<10>) == 11, "one byte counts up to 255 characters");
static_assert(sizeof(FixedString<300>) == 302);

constexpr FixedString<3> make_at_compile_time() {
  FixedString<3> text;
  static_cast<void>(text.push_back('a'));
  static_cast<void>(text.append("bc"));
  return text;
}
static_assert(make_at_compile_time() == "abc");

TEST(FixedString, IsEmptyAtFirst) {
  const FixedString<4> text;
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text.size(), 0u);
  EXPECT_EQ(text.view(), "");
}

TEST(FixedString, TakesExactlyItsCapacity) {
  FixedString<4> text;
  EXPECT_TRUE(text.append("abc"));
  EXPECT_TRUE(text.push_back('d'));
  EXPECT_EQ(text.view(), "abcd");
  EXPECT_FALSE(text.push_back('e'));
  EXPECT_TRUE(text.append(""));
  EXPECT_EQ(text.view(), "abcd");
}

TEST(FixedString, WhatDoesNotFitChangesNothing) {
  FixedString<4> text;
  ASSERT_TRUE(text.append("ab"));
  EXPECT_FALSE(text.append("cde"));
  EXPECT_EQ(text.view(), "ab");
  EXPECT_FALSE(text.assign("12345"));
  EXPECT_EQ(text.view(), "ab");
  EXPECT_TRUE(text.append("cd"));
  EXPECT_EQ(text.view(), "abcd");
}

TEST(FixedString, AssignReplacesAndClearEmpties) {
  FixedString<4> text;
  ASSERT_TRUE(text.assign("abcd"));
  ASSERT_TRUE(text.assign("x"));
  EXPECT_EQ(text.view(), "x");
  text.clear();
  EXPECT_TRUE(text.empty());
  EXPECT_TRUE(text.append("wxyz"));
}

TEST(FixedString, MayBeGivenAViewOfItself) {
  FixedString<8> text;
  ASSERT_TRUE(text.append("abcd"));
  ASSERT_TRUE(text.append(text));
  EXPECT_EQ(text.view(), "abcdabcd");
  ASSERT_TRUE(text.assign(text.view().substr(3, 3)));
  EXPECT_EQ(text.view(), "dab");
}

TEST(FixedString, CountsBeyondOneByte) {
  FixedString<300> text;
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(text.push_back('x'));
  EXPECT_FALSE(text.push_back('x'));
  EXPECT_EQ(text.view(), std::string(300, 'x'));
}

TEST(FixedString, ConvertsToAViewAndComparesWithOne) {
  FixedString<4> text;
  ASSERT_TRUE(text.append("ab"));
  const std::string_view view = text;
  EXPECT_EQ(view, "ab");
  FixedString<4> same = text;
  EXPECT_TRUE(same == text);
  EXPECT_TRUE(text == view);
  EXPECT_TRUE("ab" == text);
  ASSERT_TRUE(same.push_back('c'));
  EXPECT_FALSE(same == text);
  EXPECT_EQ(text.view(), "ab") << "a copy shares nothing";
}

}  // namespace
}  // namespace wherry
