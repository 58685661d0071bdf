// SPDX-License-Identifier: MIT
#include "wherry/app/json_view.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "wherry/base/guard_page_for_test.h"

namespace wherry::app {
namespace {

// A text and its memory, each ending at a page without access.
class Document {
 public:
  explicit Document(std::string_view text)
      : text_(text),
        memory_(JsonView::memory_for(text.size())),
        view(JsonView::parse(text_.view(), memory_.span())) {}

 private:
  GuardedText text_;
  GuardedText memory_;

 public:
  Result<JsonView> view;
};

Error parsed(std::string_view text) { return error_of(Document(text).view); }

constexpr std::string_view kValid =
    R"( {"size": 1024, "pattern": "r\u00e4nd\n", "deep": [[{"size": 7}]],
 "negative": -5, "real": 2.5e3, "yes": true, "no": false, "null": null, "": "empty", "a": {}} )";

TEST(JsonView, ReadsMembersOfEachType) {
  const Document document(kValid);
  ASSERT_TRUE(document.view);
  const JsonView& json = *document.view;
  EXPECT_EQ(json.unsigned_integer("size").value(), 1024u);
  EXPECT_EQ(json.integer("size").value(), 1024);
  EXPECT_EQ(json.number("size").value(), 1024.0);
  EXPECT_EQ(json.integer("negative").value(), -5);
  EXPECT_EQ(json.number("negative").value(), -5.0);
  EXPECT_EQ(json.number("real").value(), 2500.0);
  EXPECT_EQ(json.boolean("yes").value(), true);
  EXPECT_EQ(json.boolean("no").value(), false);
  EXPECT_EQ(json.string("pattern").value(), "r\xC3\xA4nd\n");
  EXPECT_EQ(json.string("").value(), "empty");
}

TEST(JsonView, AbsentMembersAreNoErrors) {
  const Document document(kValid);
  const JsonView& json = *document.view;
  EXPECT_EQ(json.unsigned_integer("none").value(), std::nullopt);
  EXPECT_EQ(json.integer("none").value(), std::nullopt);
  EXPECT_EQ(json.number("none").value(), std::nullopt);
  EXPECT_EQ(json.boolean("none").value(), std::nullopt);
  EXPECT_EQ(json.string("none").value(), std::nullopt);
  EXPECT_EQ(json.string("siz").value(), std::nullopt);
  EXPECT_EQ(json.string("size ").value(), std::nullopt);
}

TEST(JsonView, OtherTypesAreBadRequests) {
  const Document document(kValid);
  const JsonView& json = *document.view;
  for (const std::string_view name :
       {"pattern", "deep", "negative", "real", "yes", "null", "a", ""}) {
    EXPECT_EQ(error_of(json.unsigned_integer(name)), Error::bad_request) << name;
  }
  for (const std::string_view name : {"pattern", "deep", "real", "yes", "null", "a"}) {
    EXPECT_EQ(error_of(json.integer(name)), Error::bad_request) << name;
  }
  for (const std::string_view name : {"pattern", "deep", "yes", "null", "a"}) {
    EXPECT_EQ(error_of(json.number(name)), Error::bad_request) << name;
  }
  for (const std::string_view name : {"pattern", "deep", "size", "real", "null", "a"}) {
    EXPECT_EQ(error_of(json.boolean(name)), Error::bad_request) << name;
  }
  for (const std::string_view name : {"size", "deep", "negative", "real", "yes", "null", "a"}) {
    EXPECT_EQ(error_of(json.string(name)), Error::bad_request) << name;
  }
}

TEST(JsonView, MembersOfMembersAreNotFound) {
  const Document document(R"({"a": {"x": 1}, "b": [{"x": 2}], "y": {"y": 3}, "z": [1, 2]})");
  EXPECT_EQ(document.view->integer("x").value(), std::nullopt);
  EXPECT_EQ(error_of(document.view->integer("y")), Error::bad_request);
  EXPECT_EQ(error_of(document.view->integer("z")), Error::bad_request);
}

TEST(JsonView, MemberThatIsThereTwiceIsRefusedWhenAskedFor) {
  const Document document(R"({"a": 1, "b": 2, "a": 1, "n": {"b": 3}, "\u0061": 1})");
  ASSERT_TRUE(document.view);
  EXPECT_EQ(error_of(document.view->integer("a")), Error::bad_json);
  EXPECT_EQ(error_of(document.view->string("a")), Error::bad_json);
  EXPECT_EQ(document.view->integer("b").value(), 2);
  EXPECT_EQ(error_of(Document(R"({"x": null, "x": 1})").view->integer("x")), Error::bad_json);
  EXPECT_EQ(error_of(Document(R"({"x": {}, "x": 1})").view->integer("x")), Error::bad_json);
  EXPECT_EQ(error_of(Document(R"({"x": 1, "\u0078": 2})").view->integer("x")), Error::bad_json);
}

TEST(JsonView, NumbersAtTheEdges) {
  struct Row {
    std::string_view text;
    Error as_unsigned;
    Error as_signed;
  };
  constexpr Error kOk = Error::none;
  constexpr Error kBad = Error::bad_request;
  constexpr Row kRows[] = {
      {"0", kOk, kOk},
      {"-0", kOk, kOk},
      {"18446744073709551615", kOk, kBad},
      {"18446744073709551616", kBad, kBad},
      {"9223372036854775807", kOk, kOk},
      {"9223372036854775808", kOk, kBad},
      {"-9223372036854775808", kBad, kOk},
      {"-9223372036854775809", kBad, kBad},
      {"1.0", kBad, kBad},
      {"1e3", kBad, kBad},
      {"1e308", kBad, kBad},
      {"100000000000000000000000000000000000000000", kBad, kBad},
  };
  for (const Row& row : kRows) {
    const Document document("{\"n\": " + std::string(row.text) + "}");
    ASSERT_TRUE(document.view) << row.text;
    EXPECT_EQ(error_of(document.view->unsigned_integer("n")), row.as_unsigned) << row.text;
    EXPECT_EQ(error_of(document.view->integer("n")), row.as_signed) << row.text;
    EXPECT_TRUE(std::isfinite(**document.view->number("n"))) << row.text;
  }
  EXPECT_EQ(Document("{\"n\": 18446744073709551615}").view->unsigned_integer("n").value(),
            UINT64_MAX);
  EXPECT_EQ(Document("{\"n\": -9223372036854775808}").view->integer("n").value(), INT64_MIN);
}

TEST(JsonView, NumberThatNoDoubleHoldsIsOutOfRange) {
  for (const std::string_view number : {"1e999", "-1e400", "123456789e400"}) {
    const Document document("{\"n\":" + std::string(number) + "}");
    ASSERT_TRUE(document.view.has_value()) << number;
    EXPECT_EQ(error_of(document.view->number("n")), Error::bad_request) << number;
    EXPECT_EQ(error_of(document.view->unsigned_integer("n")), Error::bad_request) << number;
  }
}

TEST(JsonView, WhatIsNoJsonObjectIsRefused) {
  constexpr std::string_view kRefused[] = {
      "",
      " ",
      "null",
      "true",
      "1",
      "\"text\"",
      "[]",
      "[{}]",
      "{",
      "}",
      "{]",
      "{}}",
      "{}{}",
      "{} x",
      "{},",
      "{\"a\"}",
      "{\"a\":}",
      "{\"a\":1,}",
      "{,\"a\":1}",
      "{\"a\":1 \"b\":2}",
      "{a:1}",
      "{'a':1}",
      "{\"a\":'x'}",
      "{\"a\":[1,]}",
      "{\"a\":[1}",
      "{\"a\":01}",
      "{\"a\":+1}",
      "{\"a\":.5}",
      "{\"a\":5.}",
      "{\"a\":1e}",
      "{\"a\":-}",
      "{\"a\":--1}",
      "{\"a\":0x1}",
      "{\"a\":NaN}",
      "{\"a\":Infinity}",
      "{\"a\":-Infinity}",
      "{\"a\":nul}",
      "{\"a\":nullx}",
      "{\"a\":True}",
      "{\"a\":tru}",
      "{\"a\":\"x}",
      "{\"a\":\"\n\"}",
      "{\"a\":\"\x01\"}",
      "{\"a\":\"\\x41\"}",
      "{\"a\":\"\\u12\"}",
      "{\"a\":\"\\u12g4\"}",
      "{\"a\":\"\\ud800\"}",
      "{\"a\":\"\\udc00\"}",
      "{\"a\":\"\\ud800\\u0041\"}",
      "{\"a\":\"\\\"}",
      "{\"a\":1}// comment",
      "/* comment */{\"a\":1}",
      "\xEF\xBB\xBF{}",
      "{\"a\":\"\xFF\"}",
      "{\"a\":\"\xC3\"}",
      "{\"a\":\"\xC0\x80\"}",
      "{\"a\":\"\xED\xA0\x80\"}",
      "{\"\xFF\":1}",
      "\xC2\xA0{}",
      "\f{}",
      "\v{}",
      std::string_view("{}\0", 3),
      std::string_view("{\"a\":\"\0\"}", 9),
      std::string_view("\0{}", 3),
      std::string_view("{\"a\":1}\0garbage", 15),
  };
  for (const std::string_view text : kRefused) {
    EXPECT_EQ(parsed(text), Error::bad_json) << text;
  }
  EXPECT_EQ(parsed("{}"), Error::none);
  EXPECT_EQ(parsed("\t\r\n {} \t\r\n"), Error::none);
  EXPECT_EQ(Document("{\"a\":\"\\u0000\"}").view->string("a").value(), std::string_view("\0", 1));
  EXPECT_EQ(Document("{\"a\":\"\\ud83d\\ude00\"}").view->string("a").value(), "\xF0\x9F\x98\x80");
}

TEST(JsonView, EveryTruncationIsBadJson) {
  const std::string text(kValid.substr(0, kValid.size() - 1));  // without the last space
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(parsed(text.substr(0, size)), Error::bad_json) << size;
  }
  EXPECT_EQ(parsed(text), Error::none);
}

std::string nested(std::size_t depth, std::string_view open, std::string_view close) {
  std::string text = "{\"a\":";
  for (std::size_t i = 1; i < depth; ++i) text += open;
  text += "1";
  for (std::size_t i = 1; i < depth; ++i) text += close;
  return text + "}";
}

TEST(JsonView, DepthIsBounded) {
  EXPECT_EQ(parsed(nested(JsonView::kMaxDepth, "[", "]")), Error::none);
  EXPECT_EQ(parsed(nested(JsonView::kMaxDepth + 1, "[", "]")), Error::bad_json);
  EXPECT_EQ(parsed(nested(JsonView::kMaxDepth, "{\"b\":", "}")), Error::none);
  EXPECT_EQ(parsed(nested(JsonView::kMaxDepth + 1, "{\"b\":", "}")), Error::bad_json);
  EXPECT_EQ(parsed("{\"a\":" + std::string(2000, '[')), Error::bad_json);
}

// What needs the most of the parser's stack, in texts of each size up to a limit: memory_for() is
// enough for all of them, or LentMemory's assertion ends this test.
TEST(JsonView, MemoryIsEnoughForTheWorstTexts) {
  for (std::size_t size = 0; size <= 2048; size += size < 64 ? 1 : 61) {
    const std::string filler(size, 'x');
    EXPECT_EQ(parsed("{\"" + filler + "\":1}"), Error::none);
    EXPECT_EQ(parsed("{\"" + filler), Error::bad_json);
    EXPECT_EQ(parsed("{\"a\":\"" + filler), Error::bad_json);
    EXPECT_EQ(parsed("{\"a\":" + std::string(size, '1')), Error::bad_json);
    EXPECT_EQ(parsed("{\"a\":0." + std::string(size, '1') + "e-1}"),
              size > 0 ? Error::none : Error::bad_json);
    std::string deep = "{\"a\":";
    for (std::size_t i = 2; i < JsonView::kMaxDepth; ++i) deep += "[";
    EXPECT_EQ(parsed(deep + "{\"k\":\"" + filler), Error::bad_json);
    const Document document("{\"a\":\"" + filler + "\"}");
    ASSERT_TRUE(document.view);
    EXPECT_EQ(document.view->string("a").value(), filler);
  }
}

// Any memory: it need not be aligned.
TEST(JsonView, MemoryMayBeginAnywhere) {
  const std::string text = R"({"a": [1, {"b": "cde"}], "f": "ghi"})";
  std::string memory(JsonView::memory_for(text.size()) + 8, '\0');
  for (std::size_t offset = 0; offset < 8; ++offset) {
    const auto view =
        JsonView::parse(text, std::span(memory).subspan(offset, JsonView::memory_for(text.size())));
    ASSERT_TRUE(view);
    EXPECT_EQ(view->string("f").value(), "ghi");
  }
}

// Random changes of a valid text: whatever comes of it, no assertion and no byte beyond.
TEST(JsonView, DamagedTextsDoNoHarm) {
  std::mt19937 random(11);
  constexpr std::string_view kBytes = "{}[]\",:\\u0019-+.eE tfn\x80\xC3\xFF";
  int valid = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text(kValid);
    for (int change = 0; change < 3; ++change) {
      const std::size_t at = random() % text.size();
      const char c = kBytes[random() % kBytes.size()];
      if (random() % 2 == 0) {
        text[at] = c;
      } else {
        text.erase(at, 1 + random() % 5);
        if (text.empty()) text = "{";
      }
    }
    const Document document(text);
    if (!document.view) continue;
    ++valid;
    static_cast<void>(document.view->string("pattern"));
    static_cast<void>(document.view->number("size"));
  }
  EXPECT_GT(valid, 100);
}

// What a visitor was shown, a line a member.
class Shown final : public JsonVisitor {
 public:
  explicit Shown(std::string_view stop_at = {}) : stop_at_(stop_at) {}
  bool member(const JsonItem& member) noexcept override {
    text += std::string(member.name) + ' ' + std::to_string(static_cast<int>(member.type));
    if (member.type == JsonItem::Type::string || member.type == JsonItem::Type::number) {
      text += ' ' + std::string(member.text);
    }
    if (member.type == JsonItem::Type::boolean) text += member.boolean ? " true" : " false";
    text += '\n';
    return member.name != stop_at_;
  }
  std::string text;

 private:
  std::string_view stop_at_;
};

struct Visited {
  bool is_whole;
  std::size_t end;
};

Visited visit(std::string_view text, JsonVisitor& visitor) {
  const GuardedText guarded(text);
  GuardedText memory(JsonView::memory_for(text.size()));
  std::size_t end = 0;
  const Result<> result = JsonView::visit(guarded.view(), memory.span(), visitor, end);
  return {result.has_value(), end};
}

TEST(JsonView, VisitorIsShownEachMemberOfTheOutermostObject) {
  Shown shown(" never");
  const Visited visited = visit(kValid, shown);
  EXPECT_TRUE(visited.is_whole);
  EXPECT_EQ(visited.end, kValid.size());
  EXPECT_EQ(
      shown.text,
      "size 3 1024\npattern 4 r\xC3\xA4nd\n\ndeep 5\nnegative 3 -5\nreal 3 2.5e3\nyes 2 true\n"
      "no 2 false\nnull 1\n 4 empty\na 5\n");
}

TEST(JsonView, VisitorMayStopAndTheEndTellsWhere) {
  Shown shown("b");
  const std::string_view text = "{\"a\": 1,\n \"b\": 2,\n \"c\": 3}";
  const Visited visited = visit(text, shown);
  EXPECT_FALSE(visited.is_whole);
  EXPECT_EQ(shown.text, "a 3 1\nb 3 2\n");
  EXPECT_EQ(text.substr(0, visited.end), "{\"a\": 1,\n \"b\": 2");
}

TEST(JsonView, VisitorIsShownWhatStandsBeforeAFault) {
  Shown shown(" never");
  const std::string_view text = "{\"a\": 1,\n \"b\": ?}";
  const Visited visited = visit(text, shown);
  EXPECT_FALSE(visited.is_whole);
  EXPECT_EQ(shown.text, "a 3 1\n");
  EXPECT_EQ(text[visited.end], '?');
}

// As deep as a text may go, and one deeper, with the longest of everything in the innermost place
// and in the outermost: the parser's stack, a name and a value all find room in memory_for().
TEST(JsonView, MemoryIsEnoughForTheDeepestTextsAndForAVisit) {
  const std::string_view pieces[] = {"x", "\\n", "\\u0041", "\\ud83d\\ude00", "\xF0\x9F\x98\x80"};
  for (const std::string_view piece : pieces) {
    for (const std::size_t size : {0u, 1u, 2u, 3u, 7u, 8u, 100u, 2048u}) {
      std::string filler;
      while (filler.size() < size) filler += piece;
      for (const std::string_view inner :
           {"\"k\":\"$\"", "\"$\":1", "\"$\":[\"$\"", "\"$\":{\"$\":1"}) {
        for (std::size_t depth = 1; depth <= JsonView::kMaxDepth; ++depth) {
          std::string text = "{";
          for (std::size_t i = 1; i < depth; ++i) text += "\"\":{";
          for (const char c : inner) text += c == '$' ? filler : std::string(1, c);
          if (inner.ends_with("[\"$\"")) text += "]";
          if (inner.ends_with("{\"$\":1")) text += "}";
          text += std::string(depth, '}');
          const bool is_deeper = inner.contains('[') || inner.ends_with("{\"$\":1");
          const bool fits = depth + (is_deeper ? 1 : 0) <= JsonView::kMaxDepth;
          EXPECT_EQ(parsed(text), fits ? Error::none : Error::bad_json) << text;
          Shown shown(" never");
          EXPECT_EQ(visit(text, shown).is_whole, fits) << text;
        }
      }
      const std::string digits(size, '1');
      const std::string text = "{\"" + filler + "\":1" + digits + ",\"" + filler + "\":-0." +
                               digits + "0e-1" + digits + "}";
      EXPECT_EQ(parsed(text), Error::none);
      Shown shown(" never");
      EXPECT_TRUE(visit(text, shown).is_whole);
      const Document document("{\"" + filler + "\":1" + digits + "}");
      ASSERT_TRUE(document.view);
      EXPECT_EQ(error_of(document.view->string("k")), Error::none);
    }
  }
}

TEST(JsonView, EveryTruncationEndsAVisit) {
  for (std::size_t size = 0; size + 1 < kValid.size(); ++size) {
    Shown shown(" never");
    const Visited visited = visit(kValid.substr(0, size), shown);
    EXPECT_FALSE(visited.is_whole) << size;
    EXPECT_LE(visited.end, size);
  }
  Shown shown(" never");
  EXPECT_FALSE(visit(std::string_view("{}\0", 3), shown).is_whole);
}

}  // namespace
}  // namespace wherry::app
