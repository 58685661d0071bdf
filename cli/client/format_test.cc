// SPDX-License-Identifier: MIT
#include "cli/client/format.h"

#include <gtest/gtest.h>

namespace wherry::cli {
namespace {

TEST(Format, SizesHaveThreeDigits) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(1023), "1023 B");
  EXPECT_EQ(format_size(1024), "1.00 KiB");
  EXPECT_EQ(format_size(1536), "1.50 KiB");
  EXPECT_EQ(format_size(1023 * 1024), "1.00 MiB");
  EXPECT_EQ(format_size(12'897'484), "12.3 MiB");
  EXPECT_EQ(format_size(std::uint64_t{5} << 30), "5.00 GiB");
  EXPECT_EQ(format_size(UINT64_MAX), "16.0 EiB");
}

TEST(Format, RatesOfLinksAreInBits) {
  EXPECT_EQ(format_bit_rate(11'750'000), "94.0 Mbit/s");
  EXPECT_EQ(format_bit_rate(-1), "0.00 bit/s");
  EXPECT_EQ(format_rate(1536), "1.50 KiB/s");
  EXPECT_EQ(format_rate(-5), "0 B/s");
}

TEST(Format, TimesAreRoundedUpAndBounded) {
  EXPECT_EQ(format_duration(0), "0:00");
  EXPECT_EQ(format_duration(6.1), "0:07");
  EXPECT_EQ(format_duration(725), "12:05");
  EXPECT_EQ(format_duration(3 * 3600 + 131), "3:02:11");
  EXPECT_EQ(format_duration(-1), "-:--");
  EXPECT_EQ(format_duration(1e9), "-:--");
  EXPECT_EQ(format_latency(0.00025), "0.25 ms");
  EXPECT_EQ(format_latency(1.25), "1.25 s");
}

TEST(Format, TheProgressLineSaysPartRateAndTimeLeft) {
  ProgressLine line;
  line.name = "a.bin";
  line.done_bytes = 50 << 20;
  line.total_bytes = 100 << 20;
  line.bytes_per_s = 10 << 20;
  EXPECT_EQ(format_progress(line, 60), "a.bin   50%  10.0 MiB/s  0:05 left");
  EXPECT_EQ(format_progress(line, 79), "a.bin  [##########..........]  50%  10.0 MiB/s  0:05 left");
}

TEST(Format, ALineThatIsNotDoneNeverSaysThatItIs) {
  ProgressLine line;
  line.name = "a";
  line.done_bytes = 999'999;
  line.total_bytes = 1'000'000;
  EXPECT_NE(format_progress(line, 60).find(" 99%"), std::string::npos);
}

TEST(Format, ALongNameIsShortenedAndNothingInItMovesTheCursor) {
  ProgressLine line;
  line.name = "a\r\x1b[2Jäöü-a-name-that-is-much-longer-than-any-terminal-is-wide.bin";
  line.total_bytes = 10;
  line.file_count = 12;
  line.finished_count = 3;
  const std::string text = format_progress(line, 50);
  EXPECT_LE(text.size(), 56u);  // three characters of two bytes
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("3/12"), std::string::npos);
}

TEST(Format, WithoutATotalThereIsNoTimeLeft) {
  ProgressLine line;
  line.name = "a";
  line.done_bytes = 2048;
  EXPECT_EQ(format_progress(line, 60), "a  2.00 KiB  0 B/s");
}

}  // namespace
}  // namespace wherry::cli
