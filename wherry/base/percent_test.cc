// SPDX-License-Identifier: MIT
#include "wherry/base/percent.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/base/percent_vectors.h"

namespace wherry {
namespace {

using namespace std::string_view_literals;

std::string every_byte() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  return bytes;
}

using Encoder = PercentEncoder;

std::string encode(Encoder encoder, std::string_view text) {
  GuardedText memory(3 * text.size());
  TextWriter writer(memory.span());
  encoder(text, writer);
  EXPECT_FALSE(writer.overflowed());
  return std::string(writer.view());
}

// The bytes that `encoder` leaves as they are.
std::string kept(Encoder encoder) {
  std::string found;
  for (const char c : every_byte()) {
    if (encode(encoder, {&c, 1}) == std::string_view(&c, 1)) found += c;
  }
  return found;
}

constexpr auto kDigitsAndLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"sv;

// Whether `encoder` keeps letters, digits and `marks`, and nothing else.
void expect_kept(Encoder encoder, std::string_view marks) {
  const std::string found = kept(encoder);
  for (const char c : every_byte()) {
    const bool is_kept = found.find(c) != std::string::npos;
    const bool should_be = kDigitsAndLetters.find(c) != std::string_view::npos ||
                           marks.find(c) != std::string_view::npos;
    EXPECT_EQ(is_kept, should_be) << int{static_cast<unsigned char>(c)};
  }
}

TEST(Percent, DecodesEachEscapeOnce) {
  for (const PercentVector& row : kPercentDecodeVectors) {
    const GuardedText from(row.from);
    GuardedText into(row.decoded.size());
    const auto size = percent_decode(from.view(), into.span());
    ASSERT_TRUE(size.has_value()) << row.from;
    EXPECT_EQ(into.view().substr(0, *size), row.decoded) << row.from;
  }
}

TEST(Percent, DecodesInPlace) {
  GuardedText text("%41b%43d%45%25"sv);
  const auto size = percent_decode(text.view(), text.span());
  ASSERT_TRUE(size.has_value());
  EXPECT_EQ(text.view().substr(0, *size), "AbCdE%");
}

TEST(Percent, RefusesEscapesThatAreCutOrWrong) {
  for (const std::string_view from : kRefusedPercentVectors) {
    const GuardedText guarded(from);
    char into[32];
    EXPECT_EQ(error_of(percent_decode(guarded.view(), into)), Error::bad_request) << from;
  }
}

TEST(Percent, SaysWhenTheRoomIsTooSmall) {
  const std::string_view from = "a%20b";
  for (std::size_t room = 0; room < 3; ++room) {
    GuardedText into(room);
    EXPECT_EQ(error_of(percent_decode(from, into.span())), Error::no_memory) << room;
  }
  GuardedText into(3);
  EXPECT_EQ(percent_decode(from, into.span()), 3u);
}

TEST(Percent, APathKeepsWhatRfc3986AllowsInSegmentsAndTheSlash) {
  expect_kept(percent_encode_path, "-._~!$&'()*+,;=:@/");
}

TEST(Percent, AComponentKeepsUnreservedCharactersOnly) {
  expect_kept(percent_encode_component, "-._~");
}

TEST(Percent, AnAttributeKeepsTheAttrCharsOfRfc8187) {
  expect_kept(percent_encode_attribute, "!#$&+-.^_`|~");
}

TEST(Percent, EncodesWithUpperCaseDigits) {
  for (const PercentEncodeVector& row : kPercentEncodeVectors) {
    EXPECT_EQ(encode(row.encoder, row.text), row.encoded);
  }
}

TEST(Percent, EveryByteSurvivesEncodingAndDecoding) {
  const std::string original = every_byte();
  for (const Encoder encoder :
       {percent_encode_path, percent_encode_component, percent_encode_attribute}) {
    std::string text = encode(encoder, original);
    const auto size = percent_decode(text, text);
    ASSERT_TRUE(size.has_value());
    EXPECT_EQ(text.substr(0, *size), original);
  }
}

TEST(Percent, AnEscapeIsNeverCutByTheEndOfTheRoom) {
  const std::string_view whole = "a%20%20b";
  for (std::size_t room = 0; room < whole.size(); ++room) {
    GuardedText memory(room);
    TextWriter writer(memory.span());
    percent_encode_path("a  b", writer);
    EXPECT_TRUE(writer.overflowed()) << room;
    const std::string_view expected = room >= 7   ? "a%20%20"
                                      : room >= 4 ? "a%20"
                                      : room >= 1 ? "a"
                                                  : "";
    EXPECT_EQ(writer.view(), expected) << room;
  }
}

}  // namespace
}  // namespace wherry
