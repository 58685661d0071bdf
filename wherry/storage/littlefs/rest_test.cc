// SPDX-License-Identifier: MIT
// What the storage does when it has nothing to do: looks for free blocks, so that no upload has to.
#include <gtest/gtest.h>

#include "wherry/storage/littlefs/ram_storage_for_test.h"

namespace wherry::storage::littlefs {
namespace {

constexpr Options kOptions = {.file_system = {.lookahead_bytes = 8}};  // 64 blocks

class CountingDevice : public RamDevice {
 public:
  CountingDevice() : RamDevice({.sector_count = 4096}) {}
  DeviceStatus read(std::uint32_t first_sector, MutableBytes into) noexcept override {
    ++read_count;
    return RamDevice::read(first_sector, into);
  }
  DeviceStatus program(std::uint32_t first_sector, Bytes bytes) noexcept override {
    ++program_count;
    return RamDevice::program(first_sector, bytes);
  }
  int read_count = 0;
  int program_count = 0;
};

class StorageAtRest : public ::testing::Test {
 protected:
  StorageAtRest() : on_(device_, kOptions) {
    EXPECT_EQ(storage().mount(Format::if_blank), Medium::ready);
  }
  LittlefsStorage& storage() { return on_.storage(); }
  /// Returns: sectors read by a poll at `now_ms`.
  int reads_of_poll(std::uint64_t now_ms) {
    device_.read_count = device_.program_count = 0;
    storage().poll(now_ms);
    EXPECT_EQ(device_.program_count, 0);
    return device_.read_count;
  }
  void write_blocks(std::size_t count) {
    EXPECT_TRUE(put(loop_, storage(), "a", some_bytes(count * 4000, 1)));
  }

  TestLoop loop_;
  CountingDevice device_;
  StorageOn on_;
};

TEST_F(StorageAtRest, LooksForFreeBlocksOnceWhenMuchWasWritten) {
  EXPECT_EQ(reads_of_poll(10'000), 0) << "nothing was written";
  write_blocks(40);
  EXPECT_EQ(reads_of_poll(10'001), 0) << "it has not rested for long enough";
  EXPECT_GT(reads_of_poll(11'500), 0);
  EXPECT_EQ(reads_of_poll(99'000), 0) << "nothing was written since";
}

TEST_F(StorageAtRest, DoesNothingForLittle) {
  write_blocks(4);
  storage().poll(0);
  EXPECT_EQ(reads_of_poll(99'000), 0);
}

TEST_F(StorageAtRest, DoesNothingWhileAFileIsOpen) {
  write_blocks(40);
  {
    const Result<File> file = loop_.run(storage().open("a"));
    ASSERT_TRUE(file);
    EXPECT_EQ(reads_of_poll(50'000), 0);
  }
  EXPECT_EQ(reads_of_poll(50'500), 0) << "it was in use a moment ago";
  EXPECT_GT(reads_of_poll(51'500), 0);
}

TEST_F(StorageAtRest, CountsWhatWasDroppedToo) {
  {
    Result<StagedFile> file = loop_.run(storage().create("b"));
    ASSERT_TRUE(file);
    ASSERT_TRUE(loop_.run(file->write(as_bytes(some_bytes(160'000, 2)))));
  }
  storage().poll(0);
  EXPECT_GT(reads_of_poll(5000), 0);
}

// The sectors that some uploads read.
int reads_of_uploads(bool rests) {
  TestLoop loop;
  CountingDevice device;
  StorageOn on(device, kOptions);
  EXPECT_EQ(on.storage().mount(Format::if_blank), Medium::ready);
  EXPECT_TRUE(put(loop, on.storage(), "large", some_bytes(200 * 4000, 1)));
  int sum = 0;
  for (std::uint32_t i = 0; i < 20; ++i) {
    for (const std::uint64_t now_ms : {10'000 * i, 10'000 * i + 5000}) {
      if (rests) on.storage().poll(now_ms);
    }
    device.read_count = 0;
    EXPECT_TRUE(put(loop, on.storage(), "b", some_bytes(32 * 4000, i)));
    sum += device.read_count;
  }
  return sum;
}

TEST(StorageWithRests, UploadsFindTheirBlocksWithoutASearch) {
  const int with_rests = reads_of_uploads(true), without = reads_of_uploads(false);
  EXPECT_LT(with_rests + 1000, without) << "a search reads a sector of each of 200 blocks";
}

TEST_F(StorageAtRest, LeavesADeviceAloneThatIsGone) {
  write_blocks(40);
  device_.remove_medium(true);
  storage().poll(0);
  storage().poll(5000);  // fails, and says nothing
  EXPECT_EQ(error_of(put(loop_, storage(), "c", "x")), Error::storage_unavailable);
  device_.remove_medium(false);
}

}  // namespace
}  // namespace wherry::storage::littlefs
