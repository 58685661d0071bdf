// SPDX-License-Identifier: MIT
#include "wherry/http/content_disposition.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "wherry/base/guard_page_for_test.h"

namespace wherry::http {
namespace {

using namespace std::string_view_literals;

struct Row {
  std::string_view filename;
  std::string_view expected;
};

class Attachment : public testing::TestWithParam<Row> {};

TEST_P(Attachment, NamesTheFile) {
  const GuardedText filename(GetParam().filename);
  std::array<char, 256> memory;
  TextWriter writer{std::span<char>(memory)};
  write_attachment(filename.view(), writer);
  EXPECT_FALSE(writer.overflowed());
  EXPECT_EQ(writer.view(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Attachment,
    testing::Values(
        Row{"generated_64.bin", R"(attachment; filename="generated_64.bin")"},
        Row{"a b;c='d'.txt", R"(attachment; filename="a b;c='d'.txt")"},
        Row{"q\"b.txt", R"(attachment; filename="q\"b.txt"; filename*=UTF-8''q%22b.txt)"},
        Row{"q\\b.txt", R"(attachment; filename="q\\b.txt"; filename*=UTF-8''q%5Cb.txt)"},
        Row{"50%41.txt", R"(attachment; filename="50%41.txt"; filename*=UTF-8''50%2541.txt)"},
        Row{"na\xC3\xAFve \xE2\x82\xAC.txt",
            R"(attachment; filename="na_ve _.txt"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt)"},
        Row{"\xF0\x9F\x9A\xA2", R"(attachment; filename="_"; filename*=UTF-8''%F0%9F%9A%A2)"},
        // Control characters never reach the head of a response.
        Row{"a\r\nSet-Cookie: x\0.txt"sv, R"(attachment; filename="aSet-Cookie: x.txt")"},
        Row{"\x7Fz\xC2\x85\xC3\xA9", R"(attachment; filename="z_"; filename*=UTF-8''z%C3%A9)"},
        // Not UTF-8.
        Row{"a\xFF\xC3.txt", R"(attachment; filename="a__.txt")"},
        Row{"\xC3\xA9\xFF", R"(attachment; filename="__")"},
        // A path: only its end counts.
        Row{"dir/sub/a.txt", R"(attachment; filename="a.txt")"}, Row{"", "attachment"},
        Row{"dir/", "attachment"}, Row{"\r\n\xC2\x80", "attachment"}));

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
