// SPDX-License-Identifier: MIT
#include "wherry/http/structured_field.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/structured_field_vectors.h"

namespace wherry::http {
namespace {

// As DictionaryVector says.
std::string read_all(std::string_view value) {
  DictionaryReader reader(value);
  std::string result;
  while (true) {
    const auto member = reader.next();
    if (member && !*member) return result;
    if (!result.empty()) result += '|';
    if (!member) return result + '!';
    result += (*member)->key;
    result += "#:~"[static_cast<int>((*member)->kind)];
    result += (*member)->text;
  }
}

TEST(Dictionary, IsReadMemberByMember) {
  for (const DictionaryVector& row : kDictionaryVectors) {
    const GuardedText value(row.value);
    EXPECT_EQ(read_all(value.view()), row.expected) << row.value;
  }
}

TEST(Dictionary, ACutOffValueIsNeverReadBeyondItsEnd) {
  for (const DictionaryVector& row : kDictionaryVectors) {
    for (std::size_t size = 0; size < row.value.size(); ++size) {
      const GuardedText value(row.value.substr(0, size));
      EXPECT_LE(read_all(value.view()).size(), 3 * size + 1) << row.value;
    }
  }
}

TEST(Item, BooleansAreYesOrNo) {
  EXPECT_EQ(parse_boolean_item("?1"), true);
  EXPECT_EQ(parse_boolean_item("?0"), false);
  EXPECT_EQ(parse_boolean_item("?1;a"), true);
  EXPECT_EQ(parse_boolean_item("?0; key=\"a \\\" b\";*x=:YQ==:;n=-1.5;t=a/b;b=?1"), false);
  for (const char* bad : {"", "?", "?2", "1", "true", "?1 ", " ?1", "?1,?1", "?1;", "?1;A", "?1;a=",
                          "?1;a=\"", "?1;a=\"\\x\"", "?1;a=:YQ", "?1 ;a", "?10", "?1;1a"}) {
    EXPECT_EQ(parse_boolean_item(bad), std::nullopt) << bad;
  }
}

TEST(Item, IntegersHaveFifteenDigits) {
  EXPECT_EQ(parse_integer_item("0"), 0u);
  EXPECT_EQ(parse_integer_item("007"), 7u);
  EXPECT_EQ(parse_integer_item("999999999999999"), 999'999'999'999'999u);
  EXPECT_EQ(parse_integer_item("5;a=1"), 5u);
  for (const char* bad :
       {"", "-1", "+1", "1.0", "1000000000000000", "1 ", "0x1", "1,2", "\"1\"", "?1"}) {
    EXPECT_EQ(parse_integer_item(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace wherry::http
