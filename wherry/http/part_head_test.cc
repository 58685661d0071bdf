// SPDX-License-Identifier: MIT
#include "wherry/http/part_head.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "wherry/base/guard_page_for_test.h"

namespace wherry::http {
namespace {

using namespace std::string_view_literals;

struct NameRow {
  std::string_view parameters;
  std::string_view name;
  std::optional<std::string_view> filename;
};

class PartHeadNames : public testing::TestWithParam<NameRow> {};

TEST_P(PartHeadNames, AreDecoded) {
  GuardedText lines("Content-Disposition: form-data; " + std::string(GetParam().parameters));
  const auto part = parse_part_head(lines.span());
  ASSERT_TRUE(part) << GetParam().parameters;
  EXPECT_EQ(part->name, GetParam().name);
  EXPECT_EQ(part->has_filename, GetParam().filename.has_value());
  EXPECT_EQ(part->filename, GetParam().filename.value_or(""));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PartHeadNames,
    testing::Values(
        NameRow{R"(name="a")", "a", std::nullopt}, NameRow{"name=a", "a", std::nullopt},
        NameRow{R"(name="")", "", std::nullopt}, NameRow{R"(name="a"; filename="")", "a", ""},
        NameRow{R"(filename="b.txt"; name="a")", "a", "b.txt"},
        NameRow{R"(name="a;b=c"; filename="d; name=e")", "a;b=c", "d; name=e"},
        // curl
        NameRow{R"(name="a"; filename="q\"b\\s.txt")", "a", R"(q"b\s.txt)"},
        // browsers
        NameRow{R"(name="a"; filename="q%22.txt")", "a", R"(q".txt)"},
        NameRow{R"(name="x%22y"; filename="1%0D%0A2.txt")", "x\"y", "1%0D%0A2.txt"},
        NameRow{R"(name="a"; filename="100%25.txt")", "a", "100%25.txt"},
        NameRow{R"(name="a"; filename="%2")", "a", "%2"},
        NameRow{"name=\"a\"; filename=\"na\xC3\xAFve \xF0\x9F\x9A\xA2.txt\"", "a",
                "na\xC3\xAFve \xF0\x9F\x9A\xA2.txt"},
        // old browsers: the whole path, no escapes
        NameRow{R"(name="a"; filename="C:\dir\name.txt")", "a", R"(C:\dir\name.txt)"},
        NameRow{R"(name="a"; filename="\\host\new\x.txt")", "a", R"(\host\new\x.txt)"},
        // requests and what is built on it
        NameRow{"name=\"a\"; filename*=utf-8''na%C3%AFve%20x.txt", "a", "na\xC3\xAFve x.txt"},
        NameRow{"name=\"a\"; filename=\"x\"; filename*=UTF-8'en'%e2%82%ac", "a", "\xE2\x82\xAC"},
        NameRow{"name=\"a\"; filename*=UTF-8''y; filename=\"x\"", "a", "y"},
        NameRow{"name*=utf-8''%C3%A9; filename*=utf-8''", "\xC3\xA9", ""},
        NameRow{"name=a; filename*=utf-8''it's", "a", "it's"},
        NameRow{"name=a; size=5; unknown=\"\\\"\"", "a", std::nullopt}));

class PartHeadRefuses : public testing::TestWithParam<std::string_view> {};

TEST_P(PartHeadRefuses, AsBadForm) {
  GuardedText lines(GetParam());
  EXPECT_EQ(error_of(parse_part_head(lines.span())), Error::bad_form) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PartHeadRefuses,
    testing::Values(
        ""sv, "\n"sv, "Content-Type: text/plain\n"sv, "Content-Disposition\n"sv,
        "Content-Disposition:\n"sv, "Content-Disposition: form-data\n"sv,
        "Content-Disposition : form-data; name=a\n"sv, ": form-data; name=a\n"sv,
        "Content-Disposition: attachment; name=a\n"sv, "Content-Disposition: ; name=a\n"sv,
        "Content-Disposition: form-data name=a\n"sv, "Content-Disposition: form-data; name\n"sv,
        "Content-Disposition: form-data; name=\n"sv, "Content-Disposition: form-data; =a\n"sv,
        "Content-Disposition: form-data; name=\"a\n"sv,
        "Content-Disposition: form-data; name=\"a\\\"\n"sv,
        "Content-Disposition: form-data; name=\"a\"x\n"sv,
        "Content-Disposition: form-data; name=\"a\" filename=b\n"sv,
        "Content-Disposition: form-data; name = a\n"sv,
        "Content-Disposition: form-data; filename=\"a\"\n"sv,
        "Content-Disposition: form-data; name=a; name=b\n"sv,
        "Content-Disposition: form-data; name=a; filename=b; filename=c\n"sv,
        "Content-Disposition: form-data; name=a; filename*=utf-8''b; FILENAME*=utf-8''b\n"sv,
        "Content-Disposition: form-data; name=a\nContent-Disposition: form-data; name=a\n"sv,
        "Content-Disposition: form-data; name=a\nContent-Type: x/y\ncontent-type: x/y\n"sv,
        "Content-Disposition: form-data; name=a\nno colon\n"sv,
        "Content-Disposition: form-data; name=a\nnot a token: x\n"sv,
        "Content-Disposition: form-data; name=\"\xFF\"\n"sv,
        "Content-Disposition: form-data; name=a; filename=\"\xC0\xAF\"\n"sv,
        "Content-Disposition: form-data; name=a; filename*=iso-8859-1''%E9\n"sv,
        "Content-Disposition: form-data; name=a; filename*=utf-8'b\n"sv,
        "Content-Disposition: form-data; name=a; filename*=utf-8''%E9\n"sv,
        "Content-Disposition: form-data; name=a; filename*=utf-8''%4\n"sv,
        "Content-Disposition: form-data; name=a; filename*=utf-8''a%0Ab\n"sv,
        "Content-Disposition: form-data; name=a; filename*=utf-8''a%00\n"sv));

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
