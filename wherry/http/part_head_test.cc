// SPDX-License-Identifier: MIT
#include "wherry/http/part_head.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/part_head_vectors.h"

namespace wherry::http {
namespace {

class PartHeadNames : public testing::TestWithParam<PartNameVector> {};

TEST_P(PartHeadNames, AreDecoded) {
  GuardedText lines("Content-Disposition: form-data; " + std::string(GetParam().parameters));
  const auto part = parse_part_head(lines.span());
  ASSERT_TRUE(part) << GetParam().parameters;
  EXPECT_EQ(part->name, GetParam().name);
  EXPECT_EQ(part->has_filename, GetParam().filename.has_value());
  EXPECT_EQ(part->filename, GetParam().filename.value_or(""));
}

INSTANTIATE_TEST_SUITE_P(Rows, PartHeadNames, testing::ValuesIn(kPartNameVectors));

class PartHeadRefuses : public testing::TestWithParam<std::string_view> {};

TEST_P(PartHeadRefuses, AsBadForm) {
  GuardedText lines(GetParam());
  EXPECT_EQ(error_of(parse_part_head(lines.span())), Error::bad_form) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Rows, PartHeadRefuses, testing::ValuesIn(kRefusedPartHeadVectors));

TEST(DispositionFilename, IsThatOfARequestsOwnField) {
  const auto read = [](std::string_view value) {
    GuardedText text(value);
    const auto name = parse_disposition_filename(text.span());
    if (!name) return std::string("refused");
    return *name ? std::string(**name) : std::string("none");
  };
  EXPECT_EQ(read("inline; filename=a"), "a");
  EXPECT_EQ(read("attachment; filename=\"a b\"; filename*=UTF-8''c%20d"), "c d");
  EXPECT_EQ(read("inline"), "none");
  for (const char* value : {"", ";", "=", "inline; filename", "inline; filename=a; filename=b",
                            "inline; filename*=ascii''a", "inline; filename=\"\xff\""}) {
    EXPECT_EQ(read(value), "refused") << value;
  }
}

TEST(PartHead, OtherHeadersAreFoundByName) {
  GuardedText lines(
      "X-First: \t1: 2 \nContent-Disposition: form-data; name=\"\\\"\"; filename=b\n"
      "content-type: text/plain; charset=utf-8\nx-first: second\nX-Empty:\n");
  const auto part = parse_part_head(lines.span());
  ASSERT_TRUE(part);
  EXPECT_EQ(part->name, "\"");
  EXPECT_EQ(part->content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(part->header("x-FIRST"), "1: 2");
  EXPECT_EQ(part->header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(part->header("X-Empty"), "");
  EXPECT_EQ(part->header("X-Missing"), std::nullopt);
  EXPECT_EQ(part->header("Content-Disposition"), std::nullopt);
}

TEST(PartHead, ViewsLieInTheMemoryThatWasGiven) {
  std::string lines = "Content-Disposition: form-data; name=\"a\\\\b\"; filename*=utf-8''%41\n";
  const auto part = parse_part_head(lines);
  ASSERT_TRUE(part);
  for (const std::string_view view : {part->name, part->filename}) {
    EXPECT_GE(view.data(), lines.data());
    EXPECT_LE(view.data() + view.size(), lines.data() + lines.size());
  }
}

TEST(LastSegment, CutsPathsOfEitherKind) {
  EXPECT_EQ(last_segment("b.txt"), "b.txt");
  EXPECT_EQ(last_segment("/a/b.txt"), "b.txt");
  EXPECT_EQ(last_segment("C:\\a\\b.txt"), "b.txt");
  EXPECT_EQ(last_segment("..\\../b.txt"), "b.txt");
  EXPECT_EQ(last_segment("../..\\b.txt"), "b.txt");
  EXPECT_EQ(last_segment("a/"), "");
  EXPECT_EQ(last_segment("a\\.."), "..");
  EXPECT_EQ(last_segment(""), "");
}

}  // namespace
}  // namespace wherry::http
