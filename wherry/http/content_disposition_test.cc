// SPDX-License-Identifier: MIT
#include "wherry/http/content_disposition.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/content_disposition_vectors.h"

namespace wherry::http {
namespace {

class Attachment : public testing::TestWithParam<AttachmentVector> {};

TEST_P(Attachment, NamesTheFile) {
  const GuardedText filename(GetParam().filename);
  std::array<char, 256> memory;
  TextWriter writer{std::span<char>(memory)};
  write_attachment(filename.view(), writer);
  EXPECT_FALSE(writer.overflowed());
  EXPECT_EQ(writer.view(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Rows, Attachment, testing::ValuesIn(kAttachmentVectors));

TEST(Attachment, TheStatedSizeIsEnoughAndReached) {
  const std::string worst(100, '"');
  const std::size_t size = 5 * worst.size() + 42;
  GuardedText memory(size);
  TextWriter writer{memory.span()};
  write_attachment(worst, writer);
  EXPECT_FALSE(writer.overflowed());
  EXPECT_EQ(writer.size(), size);
}

TEST(Attachment, TooLittleRoomIsAnOverflow) {
  std::array<char, 30> memory;
  TextWriter writer{std::span<char>(memory)};
  write_attachment("a-rather-long-name.bin", writer);
  EXPECT_TRUE(writer.overflowed());
}

}  // namespace
}  // namespace wherry::http
