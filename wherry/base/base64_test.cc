// SPDX-License-Identifier: MIT
#include "wherry/base/base64.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "wherry/base/base64_vectors.h"
#include "wherry/base/guard_page_for_test.h"

namespace wherry {
namespace {

std::string encoded(Bytes bytes) {
  std::string memory(base64_size(bytes.size()), '\0');
  TextWriter writer{std::span<char>(memory)};
  append_base64(bytes, writer);
  EXPECT_FALSE(writer.overflowed());
  return std::string(writer.view());
}

TEST(Base64, WritesAndReadsTheVectors) {
  for (const Base64Vector& row : kBase64Vectors) {
    EXPECT_EQ(encoded(as_bytes(row.bytes)), row.text);
    const GuardedText text(row.text);
    std::vector<std::byte> into(row.bytes.size());
    const auto size = base64_decode(text.view(), into);
    ASSERT_TRUE(size.has_value()) << row.text;
    EXPECT_EQ(as_text(Bytes(into).first(*size)), row.bytes);
  }
}

TEST(Base64, RefusesEveryOtherText) {
  for (const std::string_view row : kRefusedBase64Vectors) {
    const GuardedText text(row);
    std::array<std::byte, 64> into;
    EXPECT_EQ(error_of(base64_decode(text.view(), into)), Error::bad_request) << row;
  }
}

TEST(Base64, EveryPairOfBytesHasOneText) {
  for (unsigned value = 0; value < 0x10000; ++value) {
    const std::array<std::byte, 2> bytes{static_cast<std::byte>(value >> 8),
                                         static_cast<std::byte>(value)};
    const std::string text = encoded(bytes);
    std::array<std::byte, 2> into;
    const auto size = base64_decode(text, into);
    ASSERT_TRUE(size.has_value());
    ASSERT_EQ(into, bytes);
  }
}

TEST(Base64, WhatDoesNotFitIsRefused) {
  std::array<std::byte, 2> into;
  EXPECT_EQ(error_of(base64_decode("Zm9v", into)), Error::bad_request);
  EXPECT_EQ(error_of(base64_decode("Zg==", MutableBytes())), Error::bad_request);
  std::array<char, 7> memory;
  TextWriter writer{std::span<char>(memory)};
  append_base64(as_bytes("foob"), writer);
  EXPECT_TRUE(writer.overflowed());
}

}  // namespace
}  // namespace wherry
