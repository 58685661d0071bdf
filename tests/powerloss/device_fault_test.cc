// SPDX-License-Identifier: MIT
// A device that fails at every write of an upload and goes on, that wears out at every write, or
// that is full at every write.
#include <gtest/gtest.h>

#include "tests/powerloss/upload.h"

namespace wherry::powerloss {
namespace {

using storage::littlefs::RamOptions;
using storage::littlefs::some_bytes;

const Upload kUploads[] = {
    {"file", some_bytes(6'000, 1), some_bytes(20'000, 2)},
    {"file", some_bytes(6'000, 1), some_bytes(100, 2)},
    {"folder/file", some_bytes(100, 1), some_bytes(9'000, 2)},
    {"new", std::nullopt, some_bytes(9'000, 2)},
    {"one/two/new", std::nullopt, some_bytes(3'000, 2)},
};

FaultyDevice::Image medium_for(const Upload& upload, const RamOptions& ram) {
  FaultyDevice device(ram);
  device.insert(new_medium(ram));
  StorageOn on(device, options());
  EXPECT_EQ(on.storage().mount(Format::never), Medium::ready);
  if (upload.old_text) {
    EXPECT_TRUE(put(on.storage(), upload.path, *upload.old_text));
  }
  return device.bytes();
}

TEST(DeviceFault, WriteThatFailsFailsTheUploadAndNothingElse) {
  const RamOptions ram{.sector_count = 64 * 8};
  for (const Upload& upload : kUploads) {
    const FaultyDevice::Image image = medium_for(upload, ram);
    for (std::uint64_t index = 0;; ++index) {
      FaultyDevice device(ram);
      device.insert(image);
      bool was_told = false;
      {
        StorageOn on(device, options());
        ASSERT_EQ(on.storage().mount(Format::never), Medium::ready);
        const std::uint64_t begin = device.write_count();
        device.fail_at(index, DeviceStatus::failed);
        const Result<bool> stored = put(on.storage(), upload.path, upload.new_text);
        if (device.write_count() - begin <= index) {
          EXPECT_TRUE(stored);
          EXPECT_GE(index, 5u);
          break;
        }
        was_told = stored.has_value();
        if (!stored) {
          ASSERT_EQ(stored.error(), Error::disk_failed);
        }
        ASSERT_EQ(look_at_files(on.storage(), upload, was_told), "") << upload.path << index;
        ASSERT_EQ(on.storage().slots_in_use(), 0u);
      }
      StorageOn again(device, options());
      ASSERT_EQ(again.storage().mount(Format::never), Medium::ready);
      ASSERT_EQ(look_at_files(again.storage(), upload, was_told), "") << upload.path << index;
      again.storage().unmount();
      ASSERT_EQ(count_debris(device), 0) << upload.path << index;
    }
  }
}

TEST(DeviceFault, SectorThatWearsOutIsReplacedByAnother) {
  const RamOptions ram{.sector_count = 64 * 8};
  for (const Upload& upload : kUploads) {
    const FaultyDevice::Image image = medium_for(upload, ram);
    for (std::uint64_t index = 0;; ++index) {
      FaultyDevice device(ram);
      device.insert(image);
      StorageOn on(device, options());
      ASSERT_EQ(on.storage().mount(Format::never), Medium::ready);
      const std::uint64_t begin = device.write_count();
      device.fail_at(index, DeviceStatus::bad_sector);
      const Result<bool> stored = put(on.storage(), upload.path, upload.new_text);
      ASSERT_EQ(look_at_files(on.storage(), upload, stored.has_value()), "") << index;
      if (device.write_count() - begin <= index) break;
      // The first two blocks hold littlefs's root: they alone cannot move.
      if (!device.is_bad_before(16)) {
        ASSERT_TRUE(stored) << upload.path << index;
      }
    }
  }
}

// The medium is so full that the upload finds no room at its first write, its second, and so on.
TEST(DeviceFault, FullMediumAtEveryWriteKeepsTheOldFileAndGivesSpaceBack) {
  const RamOptions ram{.sector_count = 40 * 8};
  for (const Upload& upload : kUploads) {
    const FaultyDevice::Image image = medium_for(upload, ram);
    int failed = 0;
    int stored_count = 0;
    for (std::size_t filler_blocks = 40; filler_blocks-- > 1;) {
      FaultyDevice device(ram);
      device.insert(image);
      StorageOn on(device, options());
      ASSERT_EQ(on.storage().mount(Format::never), Medium::ready);
      if (!put(on.storage(), "filler", some_bytes(filler_blocks * 4080, 3))) continue;
      const std::uint64_t before = on.storage().free_bytes().value();
      const Result<bool> stored = put(on.storage(), upload.path, upload.new_text);
      ASSERT_EQ(look_at_files(on.storage(), upload, stored.has_value()), "") << filler_blocks;
      if (stored) {
        ++stored_count;
        continue;
      }
      ++failed;
      ASSERT_EQ(stored.error(), Error::no_space);
      ASSERT_EQ(on.storage().free_bytes().value(), before) << filler_blocks;
      on.storage().unmount();
      ASSERT_EQ(count_debris(device), 0);
    }
    EXPECT_GT(stored_count, 5) << upload.path;
    EXPECT_TRUE(failed > 0 || upload.new_text.size() < 512) << upload.path;
  }
}

}  // namespace
}  // namespace wherry::powerloss
