// SPDX-License-Identifier: MIT
#include "wherry/http/target.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/target_vectors.h"

namespace wherry::http {
namespace {

void expect_row(const TargetVector& row, const Result<Target>& target) {
  EXPECT_EQ(error_of(target), row.error) << row.rule;
  if (!target) return;
  EXPECT_EQ(target->path, row.path) << row.rule;
  EXPECT_EQ(target->query, row.query) << row.rule;
  EXPECT_EQ(target->asterisk, row.path == "*") << row.rule;
}

TEST(Target, EachRuleHolds) {
  for (const TargetVector& row : kTargetVectors) {
    expect_row(row, parse_target(row.target, row.method));
  }
}

TEST(Target, NoByteBehindTheTextIsRead) {
  for (const TargetVector& row : kTargetVectors) {
    const GuardedText guarded(row.target);
    expect_row(row, parse_target(guarded.view(), row.method));
    for (std::size_t size = 0; size < row.target.size(); ++size) {
      const GuardedText cut(row.target.substr(0, size));
      static_cast<void>(parse_target(cut.view(), row.method));
    }
  }
}

std::string listed(std::string_view query) {
  std::string result;
  QueryReader reader(query);
  while (const std::optional<QueryPair> pair = reader.next()) {
    result.append(pair->name).append("->").append(pair->value).append(";");
  }
  return result;
}

TEST(QueryReader, PairsComeInOrderAndRaw) {
  EXPECT_EQ(listed("a=1&b=2&a=3"), "a->1;b->2;a->3;");
  EXPECT_EQ(listed("a%20b=c+d"), "a%20b->c+d;");
}

TEST(QueryReader, AValueMayHoldEqualsSignsOrBeAbsent) {
  EXPECT_EQ(listed("a=b=c&d&e=&=f"), "a->b=c;d->;e->;->f;");
}

TEST(QueryReader, EmptyPairsAreSkipped) {
  EXPECT_EQ(listed(""), "");
  EXPECT_EQ(listed("&"), "");
  EXPECT_EQ(listed("&&a=1&&b&"), "a->1;b->;");
}

std::string value_of(std::string_view query, std::string_view name) {
  std::array<char, 64> into{};
  const auto value = query_value(query, name, into);
  if (!value) return "error";
  return *value ? std::string(**value) : "none";
}

TEST(QueryValue, TheFirstOfThatNameCounts) {
  EXPECT_EQ(value_of("a=1&b=2&b=3", "b"), "2");
  EXPECT_EQ(value_of("ab=1&a=2", "a"), "2");
  EXPECT_EQ(value_of("a=1", "ab"), "none");
  EXPECT_EQ(value_of("", "a"), "none");
  EXPECT_EQ(value_of("a", "a"), "");
  EXPECT_EQ(value_of("A=1", "a"), "none");
}

TEST(QueryValue, TheNextOfThatNameFollows) {
  QueryReader query("a=1&b=2&%61=3&c&a");
  std::array<char, 8> into{};
  EXPECT_EQ(next_value(query, "a", into).value(), "1");
  EXPECT_EQ(next_value(query, "a", into).value(), "3");
  EXPECT_EQ(next_value(query, "a", into).value(), "");
  EXPECT_EQ(next_value(query, "a", into).value(), std::nullopt);
}

TEST(QueryValue, PlusAndEscapesAreDecodedOnce) {
  EXPECT_EQ(value_of("a=b+c%20d%2Be%252B", "a"), "b c d+e%2B");
  EXPECT_EQ(value_of("a=%C3%a9", "a"), "\xc3\xa9");
}

TEST(QueryValue, NamesAreDecodedToo) {
  EXPECT_EQ(value_of("%61+b=1", "a b"), "1");
  EXPECT_EQ(value_of("a%2Bb=1", "a+b"), "1");
  EXPECT_EQ(value_of("%6=1&%zz=2&%=3", "a"), "none");
}

TEST(QueryValue, ABrokenEscapeInTheValueIsAnError) {
  for (const char* query : {"a=%", "a=%2", "a=%zz", "a=1%%20"}) {
    EXPECT_EQ(value_of(query, "a"), "error") << query;
    EXPECT_EQ(value_of(query, "b"), "none") << query;
  }
}

TEST(QueryValue, NothingToDecodeNeedsNoMemory) {
  const std::string_view query = "a=123";
  const auto value = query_value(query, "a", {});
  ASSERT_TRUE(value.has_value());
  ASSERT_TRUE(value->has_value());
  EXPECT_EQ((*value)->data(), query.data() + 2);
}

TEST(QueryValue, AValueLongerThanTheMemoryIsAnErrorAndWritesNothingBehindIt) {
  GuardedText into(4);
  EXPECT_EQ(error_of(query_value("a=b+cde", "a", into.span())), Error::bad_request);
  EXPECT_EQ(query_value("a=b+cd", "a", into.span()).value(), "b cd");
}

}  // namespace
}  // namespace wherry::http
