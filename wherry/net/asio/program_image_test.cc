// SPDX-License-Identifier: MIT
#include "wherry/net/asio/program_image.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace wherry::net::asio {
namespace {

constexpr auto kConstants = [] {
  std::array<std::byte, 10'000> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 % 251);
  return bytes;
}();

// Only the program's start knows what they are.
const void* const kAddresses[64] = {&kConstants, &kAddresses, &kConstants};

#ifdef __linux__
TEST(ProgramImage, TellsWhereConstantsLie) {
  const Bytes all(kConstants);
  for (const Bytes bytes : {all, all.first(1), all.last(4097), all.subspan(1234, 5000)}) {
    const auto place = ProgramImage::own().find(bytes);
    ASSERT_TRUE(place);
    std::vector<std::byte> read(bytes.size());
    ASSERT_EQ(::pread(place->file, read.data(), read.size(), place->offset),
              static_cast<ssize_t>(read.size()));
    EXPECT_TRUE(std::ranges::equal(read, bytes));
  }
}
#endif

TEST(ProgramImage, HasNothingThatIsNotInTheFileAsItIsInMemory) {
  static std::array<std::byte, 64> variable{};
  std::array<std::byte, 64> local{};
  const std::vector<std::byte> allocated(64);
  const ProgramImage& image = ProgramImage::own();
  EXPECT_FALSE(image.find(variable));
  EXPECT_FALSE(image.find(local));
  EXPECT_FALSE(image.find(allocated));
  EXPECT_FALSE(image.find(std::as_bytes(std::span(kAddresses))));
  // One that begins among the constants and ends behind them.
  EXPECT_FALSE(image.find(Bytes(kConstants.data(), std::size_t{1} << 40)));
}

}  // namespace
}  // namespace wherry::net::asio
