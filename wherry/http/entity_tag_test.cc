// SPDX-License-Identifier: MIT
#include "wherry/http/entity_tag.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/entity_tag_vectors.h"

namespace wherry::http {
namespace {

TEST(EntityTag, OfAVersionHasAllDigitsOfItsNumber) {
  EXPECT_EQ(version_tag(1).view(), "\"0000000000000001\"");
  EXPECT_EQ(version_tag(0xFEDCBA9876543210).view(), "\"fedcba9876543210\"");
  EXPECT_EQ(version_tag(0).view(), "");
}

// The example of RFC 9110 §8.8.3.2.
TEST(EntityTag, IsComparedStronglyAndWeakly) {
  constexpr EntityTag kWeak1{"\"1\"", true};
  constexpr EntityTag kWeak2{"\"2\"", true};
  constexpr EntityTag kStrong1{"\"1\"", false};
  static_assert(!strongly_equal(kWeak1, kWeak1) && weakly_equal(kWeak1, kWeak1));
  static_assert(!strongly_equal(kWeak1, kWeak2) && !weakly_equal(kWeak1, kWeak2));
  static_assert(!strongly_equal(kWeak1, kStrong1) && weakly_equal(kWeak1, kStrong1));
  static_assert(!strongly_equal(kStrong1, kWeak1) && weakly_equal(kStrong1, kWeak1));
  static_assert(strongly_equal(kStrong1, kStrong1) && weakly_equal(kStrong1, kStrong1));
}

TEST(EntityTag, IsReadAsItIsWritten) {
  for (const EntityTagVector& row : kEntityTagVectors) {
    const GuardedText value(row.value);
    const auto tag = parse_entity_tag(value.view());
    ASSERT_TRUE(tag.has_value()) << row.value;
    EXPECT_EQ(*tag, row.tag) << row.value;
  }
}

TEST(EntityTag, AnythingElseIsNone) {
  for (const std::string_view row : kRefusedEntityTagVectors) {
    const GuardedText value(row);
    EXPECT_FALSE(parse_entity_tag(value.view()).has_value()) << row;
  }
}

TEST(TagCondition, IsReadFromAllFieldsOfItsName) {
  constexpr EntityTag kCurrent{"\"c\"", false};
  for (const TagConditionVector& row : kTagConditionVectors) {
    const std::string text = "PUT / HTTP/1.1\r\n" + std::string(row.fields) + "\r\n";
    const GuardedText guarded(text);
    const auto head = RequestHead::parse(guarded.view());
    ASSERT_TRUE(head.has_value()) << row.fields;
    EXPECT_EQ(read_tag_condition(*head, "If-Match", kCurrent, strongly_equal), row.strong)
        << row.fields;
    EXPECT_EQ(read_tag_condition(*head, "If-Match", kCurrent, weakly_equal), row.weak)
        << row.fields;
    EXPECT_EQ(read_tag_condition(*head, "If-Match", std::nullopt, weakly_equal), row.without)
        << row.fields;
  }
}

}  // namespace
}  // namespace wherry::http
