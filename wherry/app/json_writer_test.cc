// SPDX-License-Identifier: MIT
#include "wherry/app/json_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "wherry/app/json_view.h"
#include "wherry/base/guard_page_for_test.h"
#include "wherry/base/number.h"

namespace wherry::app {
namespace {

std::string written(std::initializer_list<JsonMember> members) {
  std::array<char, 512> memory;
  JsonWriter writer(memory);
  return std::string(writer.object(members).text().value());
}

TEST(JsonWriter, WritesScalarsAsPythonDoes) {
  EXPECT_EQ(written({}), "{}");
  EXPECT_EQ(written({{"filename", "a.bin"}, {"size", 5u}, {"crc32", hex32(0xABC)}}),
            R"({"filename": "a.bin", "size": 5, "crc32": "0x00000abc"})");
  EXPECT_EQ(written({{"yes", true}, {"no", false}}), R"({"yes": true, "no": false})");
  EXPECT_EQ(written({{"min", INT64_MIN}, {"max", UINT64_MAX}, {"char", std::int8_t{-1}}}),
            R"({"min": -9223372036854775808, "max": 18446744073709551615, "char": -1})");
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::array<char, 512> memory;
  JsonWriter writer(memory);
  writer.begin_object().key("a").begin_array().value(1).value("x").begin_array().end_array();
  writer.begin_object().end_object().object({{"b", 2}, {"c", true}}).end_array();
  writer.key("d").begin_object().end_object().key("e").value(3).end_object();
  EXPECT_EQ(writer.text().value(),
            R"({"a": [1, "x", [], {}, {"b": 2, "c": true}], "d": {}, "e": 3})");
}

TEST(JsonWriter, EscapesWhatJsonDoesNotAllow) {
  EXPECT_EQ(written({{"a\"b\\c", "\"\\/\b\f\n\r\t"}}), R"({"a\"b\\c": "\"\\/\b\f\n\r\t"})");
  EXPECT_EQ(written({{"", std::string_view("\0\x1f\x7f", 3)}}), "{\"\": \"\\u0000\\u001F\x7F\"}");
  EXPECT_EQ(written({{"\xC3\xBC", "\xF0\x9F\x98\x80\xE2\x80\xA8"}}),
            "{\"\xC3\xBC\": \"\xF0\x9F\x98\x80\xE2\x80\xA8\"}");
}

TEST(JsonWriter, EveryCharacterComesBack) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
  const std::string text = [&] {
    std::array<char, 2048> memory;
    JsonWriter writer(memory);
    return std::string(writer.object({{"a", std::string_view(all)}}).text().value());
  }();
  std::string memory(JsonView::memory_for(text.size()), '\0');
  const auto view = JsonView::parse(text, memory);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->string("a").value(), all);
}

TEST(JsonWriter, RefusesWhatIsNotUtf8) {
  for (const std::string_view bad : {"\xFF", "a\xC3", "\xED\xA0\x80", "\xC0\x80", "\x80"}) {
    std::array<char, 512> memory;
    JsonWriter value(memory);
    EXPECT_EQ(error_of(value.object({{"a", bad}}).text()), Error::internal);
    JsonWriter name(memory);
    EXPECT_EQ(error_of(name.object({{bad, 1}}).text()), Error::internal);
  }
}

TEST(JsonWriter, WhatDoesNotFitIsNoTextAtAll) {
  const std::string whole = written({{"a", "b\n\xC3\xBC"}, {"c", 12}, {"d", true}});
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    GuardedText memory(size);
    JsonWriter writer(memory.span());
    writer.object({{"a", "b\n\xC3\xBC"}, {"c", 12}, {"d", true}});
    EXPECT_EQ(writer.overflowed(), size < whole.size());
    if (size < whole.size()) {
      EXPECT_EQ(error_of(writer.text()), Error::no_memory);
    } else {
      EXPECT_EQ(writer.text().value(), whole);
    }
  }
}

TEST(JsonWriter, StringSizeIsAnUpperBound) {
  for (const std::string_view text :
       {"", "plain", "\"\\", "\n\r\t\b\f", "\x01\x1f", "\xC3\xBC", "\x7F"}) {
    std::array<char, 256> memory;
    JsonWriter writer(memory);
    writer.value(text);
    EXPECT_LE(writer.text().value().size(), json_string_size(text)) << text;
  }
  EXPECT_EQ(json_string_size("plain"), 7u);
  EXPECT_EQ(json_string_size("\x01"), 8u);
}

}  // namespace
}  // namespace wherry::app
