// SPDX-License-Identifier: MIT
// Entity tags and lists of them (RFC 9110 §8.8.3, §13.1). Plain data without a test framework, so
// that a board can run through it too.
#pragma once

#include <string_view>

#include "wherry/http/entity_tag.h"

namespace wherry::http {

struct EntityTagVector {
  std::string_view value;
  EntityTag tag;
};

inline constexpr EntityTagVector kEntityTagVectors[] = {
    {R"("xyzzy")", {R"("xyzzy")", false}},
    {R"(W/"xyzzy")", {R"("xyzzy")", true}},
    {R"("")", {R"("")", false}},
    {R"(W/"")", {R"("")", true}},
    {R"("a,b")", {R"("a,b")", false}},
    {R"("a\b")", {R"("a\b")", false}},  // not an escape
    {R"("W/")", {R"("W/")", false}},
    {R"("*")", {R"("*")", false}},
    {"\"\xC3\xA4\xFF\"", {"\"\xC3\xA4\xFF\"", false}},
    {"\"!#~\"", {"\"!#~\"", false}},
};

inline constexpr std::string_view kRefusedEntityTagVectors[] = {
    "",           "*",         "xyzzy",      "\"",          "\"a",      "a\"",
    "w/\"a\"",    "W/",        "W/a",        "W /\"a\"",    "W/ \"a\"", "W\"a\"",
    "\"a\"b",     "\"a\" ",    " \"a\"",     "\"a b\"",     "\"a\tb\"", "\"a\x7F\"",
    "\"a\"\"b\"", "W/W/\"a\"", "\"a\\\"b\"", "\"a\",\"b\"", "'a'",      "\"\x01\"",
};

// `fields`: header lines of a request, each with its CRLF, If-Match by name. The current
// representation has the strong tag "c"; there is also one that has none.
struct TagConditionVector {
  std::string_view fields;
  TagCondition strong;   // compared strongly
  TagCondition weak;     // compared weakly
  TagCondition without;  // without a tag to compare with
};

inline constexpr auto kAbsentTags = TagCondition::absent;
inline constexpr auto kAnyTag = TagCondition::any;
inline constexpr auto kListedTag = TagCondition::listed;
inline constexpr auto kUnlistedTag = TagCondition::unlisted;
inline constexpr auto kMalformedTags = TagCondition::malformed;

inline constexpr TagConditionVector kTagConditionVectors[] = {
    {"", kAbsentTags, kAbsentTags, kAbsentTags},
    {"If-None-Match: \"c\"\r\n", kAbsentTags, kAbsentTags, kAbsentTags},
    {"If-Match: *\r\n", kAnyTag, kAnyTag, kAnyTag},
    {"if-match:\t*\t\r\n", kAnyTag, kAnyTag, kAnyTag},
    {"If-Match: \"c\"\r\n", kListedTag, kListedTag, kUnlistedTag},
    {"If-Match: W/\"c\"\r\n", kUnlistedTag, kListedTag, kUnlistedTag},
    {"If-Match: \"C\"\r\n", kUnlistedTag, kUnlistedTag, kUnlistedTag},
    {"If-Match: \"a\", \"b\", \"c\"\r\n", kListedTag, kListedTag, kUnlistedTag},
    {"If-Match: \"c\",\"b\" , \"a\"\r\n", kListedTag, kListedTag, kUnlistedTag},
    {"If-Match: \"a,\"\t,\tW/\"c\"\r\n", kUnlistedTag, kListedTag, kUnlistedTag},
    {"If-Match: ,, ,\"c\",,\r\n", kListedTag, kListedTag, kUnlistedTag},
    {"If-Match: \"x,\",\"c\"\r\n", kListedTag, kListedTag, kUnlistedTag},
    {"If-Match: \"x,\\\",\"c\"\r\n", kListedTag, kListedTag, kUnlistedTag},
    {"If-Match: \"a\"\r\nIf-Match: \"c\"\r\n", kListedTag, kListedTag, kUnlistedTag},
    {"If-Match: \"c\"\r\nHost: c\r\nIF-MATCH: \"a\"\r\n", kListedTag, kListedTag, kUnlistedTag},
    {"If-Match: \"a\"\r\nIf-Match: \"b\"\r\n", kUnlistedTag, kUnlistedTag, kUnlistedTag},
    {"If-Match:\r\n", kUnlistedTag, kUnlistedTag, kUnlistedTag},
    {"If-Match: ,\r\n", kUnlistedTag, kUnlistedTag, kUnlistedTag},
    {"If-Match: c\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: \"c\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: \"c\" \"c\"\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: \"c\"; \"a\"\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: \"c\", a\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: a, \"c\"\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: *, \"c\"\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: \"c\", *\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: *,\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: **\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: *\r\nIf-Match: *\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: *\r\nIf-Match: \"c\"\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: \"c\"\r\nIf-Match: *\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: a\r\nIf-Match: \"c\"\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
    {"If-Match: a\r\nIf-Match: *\r\n", kMalformedTags, kMalformedTags, kMalformedTags},
};

}  // namespace wherry::http
