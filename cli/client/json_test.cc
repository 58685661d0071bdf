// SPDX-License-Identifier: MIT
#include "cli/client/json.h"

#include <gtest/gtest.h>

namespace wherry::cli {
namespace {

TEST(Json, WhateverATextHoldsTheLineIsOneLineOfJson) {
  JsonObject object;
  object.text("a", "quote \" backslash \\ line \n tab \t umlaut ä").text("b", "\xff");
  object.number("n", UINT64_MAX).decimal("d", 1.5).boolean("t", true).null("z");
  object.texts("l", {"x", "y"}).object("o", JsonObject());
  EXPECT_EQ(object.finish(),
            "{\"a\": \"quote \\\" backslash \\\\ line \\u000a tab \\u0009 umlaut ä\", "
            "\"b\": \"\\ufffd\", \"n\": 18446744073709551615, \"d\": 1.500, \"t\": true, "
            "\"z\": null, \"l\": [\"x\", \"y\"], \"o\": {}}");
}

TEST(Json, MembersAreFoundOrNot) {
  const std::string json = R"({"error": "File not found", "storage": {"free_bytes": 12}})";
  EXPECT_EQ(json_text(json, "error"), "File not found");
  EXPECT_EQ(json_text(json, "storage"), std::nullopt);
  EXPECT_EQ(json_text("[1]", "error"), std::nullopt);
  EXPECT_EQ(json_text("<html>", "error"), std::nullopt);
  EXPECT_EQ(json_number(json, {"storage", "free_bytes"}), 12u);
  EXPECT_EQ(json_number(json, {"error", "free_bytes"}), std::nullopt);
  EXPECT_EQ(json_number("", {"storage"}), std::nullopt);
  EXPECT_EQ(json_number(R"({"a": -1, "b": 1.5, "c": "5"})", {"a"}), std::nullopt);
  EXPECT_EQ(json_number(R"({"a": -1, "b": 1.5, "c": "5"})", {"b"}), std::nullopt);
  EXPECT_EQ(json_number(R"({"a": -1, "b": 1.5, "c": "5"})", {"c"}), std::nullopt);
}

TEST(Json, WhatIsNestedTooDeeplyIsNone) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(json_text("{\"a\": " + deep + ", \"error\": \"x\"}", "error"), std::nullopt);
}

TEST(Json, AListingIsReadWholeOrNotAtAll) {
  const auto page = parse_listing(
      R"({"path": "", "entries": [{"name": "a", "type": "file", "size": 5, "crc32": "0x00000001"},
          {"name": "b", "type": "folder"}, {"name": "c", "type": "file", "size": 7}],
          "next": "?limit=3&cursor=c9"})");
  ASSERT_TRUE(page);
  ASSERT_EQ(page->entries.size(), 3u);
  EXPECT_EQ(page->entries[0].crc32, 1u);
  EXPECT_EQ(page->entries[0].size, 5u);
  EXPECT_TRUE(page->entries[1].is_folder);
  EXPECT_EQ(page->entries[2].crc32, std::nullopt);
  EXPECT_EQ(page->next, "?limit=3&cursor=c9");
  for (const char* wrong :
       {"", "[]", "{}", R"({"entries": [1]})",
        R"({"entries": [{"name": "a/../b", "type": "file"}]})",
        R"({"entries": [{"name": "", "type": "file"}]})",
        R"({"entries": [{"name": "..", "type": "folder"}]})", R"({"entries": [{"name": "a"}]})"}) {
    EXPECT_FALSE(parse_listing(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace wherry::cli
