// SPDX-License-Identifier: MIT
// A device that fails at every write of an upload and goes on, that wears out at every write, or
// that is full at every write.
#include <gtest/gtest.h>

#include <set>

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

// ---------------------------------------------------------------- an upload that goes on

constexpr const char* kUploadName = ".wherry/uploads/0a1b";
constexpr std::size_t kStepBytes = 5'000;

/// Goes on with the upload of `text`, of which `synced` bytes are durable, until it is committed as
/// `path`; `synced` grows with each step.
Result<> go_on(LittlefsStorage& on, const char* path, const std::string& text,
               std::size_t& synced) {
  TestLoop loop;
  while (true) {
    Result<storage::StagedFile> file =
        loop.run(on.create(kUploadName, {.scope = storage::Scope::uploads, .resume_at = synced}));
    if (!file) return file.error();
    const std::string_view piece = std::string_view(text).substr(synced, kStepBytes);
    const Result<> written = loop.run(file->write(as_bytes(piece)));
    if (!written) return written;
    const Result<> kept = loop.run(file->sync());
    if (!kept) return kept;
    synced += piece.size();
    if (synced < text.size()) continue;
    const std::uint32_t crc = crc32(as_bytes(std::string_view(text)));
    const auto committed = loop.run(file->commit({.crc32 = crc, .path = path}));
    return committed ? Result<>() : committed.error();
  }
}

// With each size of what else is there, it finds no room at another of its steps.
TEST(DeviceFault, FullMediumInAnUploadThatGoesOnKeepsWhatWasSyncedOrGivesItBack) {
  const RamOptions ram{.sector_count = 40 * 8};
  const Upload upload{"file", some_bytes(6'000, 1), some_bytes(4 * kStepBytes, 2)};
  const FaultyDevice::Image image = medium_for(upload, ram);
  storage::littlefs::Options with_uploads = options();
  with_uploads.slots = 3;
  with_uploads.uploads = &storage::littlefs::Writer::kUploads;
  std::set<std::size_t> ends;  // how much was durable when there was no more room
  int stored = 0;
  for (std::size_t filler_blocks = 40; filler_blocks-- > 1;) {
    for (const bool goes_on : {true, false}) {
      TestLoop loop;
      FaultyDevice device(ram);
      device.insert(image);
      StorageOn on(device, with_uploads);
      ASSERT_EQ(on.storage().mount(Format::never), Medium::ready);
      if (!put(on.storage(), "filler", some_bytes(filler_blocks * 4080, 3))) continue;
      const std::uint64_t before = on.storage().free_bytes().value();
      std::size_t synced = 0;
      const Result<> step = go_on(on.storage(), "file", upload.new_text, synced);
      ASSERT_EQ(look_at_files(on.storage(), upload, step.has_value()), "") << filler_blocks;
      ASSERT_EQ(on.storage().slots_in_use(), 0u);
      if (step) {
        ++stored;
        continue;
      }
      ends.insert(synced);
      ASSERT_EQ(step.error(), Error::no_space) << filler_blocks;
      if (!goes_on) {
        const Result<> removed =
            loop.run(on.storage().remove(kUploadName, {.scope = storage::Scope::uploads}));
        ASSERT_TRUE(removed || (removed.error() == Error::not_found && synced == 0));
        // The folder of uploads may stay: two blocks of metadata.
        ASSERT_GE(on.storage().free_bytes().value() + 2 * 4096, before) << filler_blocks;
        continue;
      }
      ASSERT_TRUE(loop.run(on.storage().remove("filler")));
      ASSERT_TRUE(go_on(on.storage(), "file", upload.new_text, synced)) << filler_blocks;
      ASSERT_EQ(look_at_files(on.storage(), upload, true), "") << filler_blocks;
    }
  }
  EXPECT_GE(ends.size(), 4u);
  EXPECT_GT(stored, 5);
}

}  // namespace
}  // namespace wherry::powerloss
