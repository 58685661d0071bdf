// SPDX-License-Identifier: MIT
// Versions and checksums: kept beside a file, told only while nobody else has written it.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "wherry/base/crc32.h"
#include "wherry/storage/littlefs/ram_storage_for_test.h"

namespace wherry::storage::littlefs {
namespace {

Result<std::uint64_t> put_known(Storage& storage, std::string_view path, std::string_view text,
                                bool has_crc = true) {
  TestLoop loop;
  Result<StagedFile> file = loop.run(storage.create(path));
  if (!file) return file.error();
  if (const Result<> step = loop.run(file->write(as_bytes(text))); !step) return step.error();
  CommitOptions options;
  if (has_crc) options.crc32 = crc32(as_bytes(text));
  if (const Result<> step = loop.run(file->commit(options)); !step) return step.error();
  return file->version();
}

FileInfo info_of(Storage& storage, std::string_view path) {
  TestLoop loop;
  const Result<File> file = loop.run(storage.open(path));
  EXPECT_TRUE(file);
  return file ? file->info() : FileInfo{};
}

// Another hand: littlefs without Wherry. Rewrites a file as it is opened, without an attribute.
void write_by_other_hand(RamDevice& device, const char* path, std::string_view text) {
  alignas(8) std::byte caches[3][512];
  alignas(8) std::byte lookahead[8];
  FileSystem files(device, {caches[0], caches[1], lookahead}, {.lookahead_bytes = 8});
  ASSERT_EQ(files.mount(Format::never), Medium::ready);
  lfs::File file{};
  lfs::FileConfig config{};
  config.buffer = caches[2];
  ASSERT_EQ(lfs::file_open(files.handle(), &file, path, lfs::kNewFile, &config), lfs::kOk);
  ASSERT_GE(
      lfs::file_write(files.handle(), &file, text.data(), static_cast<lfs::Size>(text.size())), 0);
  ASSERT_EQ(lfs::file_close(files.handle(), &file), lfs::kOk);
}

constexpr std::array<std::size_t, 6> kSizes = {0, 1, 300, 512, 5000, 40'000};

TEST(KnownFile, VersionAndChecksumStayAcrossMountsAndMoves) {
  TestLoop loop;
  RamStorage ram;
  for (const std::size_t size : kSizes) {
    const std::string text = some_bytes(size, 1);
    const Result<std::uint64_t> version = put_known(ram.storage(), "folder/file", text);
    ASSERT_TRUE(version);
    EXPECT_NE(*version, 0u);
    ASSERT_TRUE(loop.run(ram.storage().move("folder/file", "other/name")));
    ASSERT_TRUE(loop.run(ram.storage().move("other", "another")));
    for (int mounts = 0; mounts < 2; ++mounts) {
      const FileInfo info = info_of(ram.storage(), "another/name");
      EXPECT_EQ(info.version, *version) << size;
      EXPECT_EQ(info.crc32, crc32(as_bytes(std::string_view(text))));
      EXPECT_EQ(info.size, size);
      ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
    }
    ASSERT_TRUE(loop.run(ram.storage().remove("another", {.recursive = true})));
  }
}

TEST(KnownFile, ChecksumThatNobodyToldIsUnknown) {
  RamStorage ram;
  for (const std::size_t size : kSizes) {
    const Result<std::uint64_t> version =
        put_known(ram.storage(), "file", some_bytes(size, 1), false);
    ASSERT_TRUE(version);
    const FileInfo info = info_of(ram.storage(), "file");
    EXPECT_EQ(info.version, *version);
    EXPECT_EQ(info.crc32, std::nullopt);
  }
}

TEST(KnownFile, NoTwoVersionsAreTheSameWhateverIsInThemAndAcrossMounts) {
  RamStorage ram;
  std::set<std::uint64_t> versions;
  std::size_t count = 0;
  for (int mounts = 0; mounts < 20; ++mounts) {
    ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
    for (const bool has_crc : {true, false}) {
      for (const std::string_view text : {"", "same", "same"}) {
        const Result<std::uint64_t> version = put_known(ram.storage(), "a", text, has_crc);
        ASSERT_TRUE(version);
        versions.insert(*version);
        ++count;
      }
    }
  }
  EXPECT_EQ(versions.size(), count);
  EXPECT_FALSE(versions.contains(0));
}

TEST(KnownFile, WhatAnotherHandHasWrittenIsUnknown) {
  for (const std::size_t size : kSizes) {
    for (const std::size_t new_size : kSizes) {
      RamStorage ram;
      ASSERT_TRUE(put_known(ram.storage(), "file", some_bytes(size, 1)));
      ram.storage().unmount();
      write_by_other_hand(ram.device(), "file", some_bytes(new_size, 2));
      ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
      const FileInfo info = info_of(ram.storage(), "file");
      EXPECT_EQ(info.size, new_size);
      if (size + new_size == 0) continue;  // the same bytes
      EXPECT_EQ(info.version, 0u) << size << " " << new_size;
      EXPECT_EQ(info.crc32, std::nullopt);
    }
  }
}

TEST(KnownFile, FileOfAnotherHandMeetsNoVersionAndIsReplaced) {
  TestLoop loop;
  RamStorage ram;
  ram.storage().unmount();
  write_by_other_hand(ram.device(), "file", "by hand");
  ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
  EXPECT_EQ(info_of(ram.storage(), "file").version, 0u);
  const RemoveOptions zero{.expected = {Expected::Kind::version, 0}};
  EXPECT_EQ(error_of(loop.run(ram.storage().remove("file", zero))), Error::precondition_failed);
  ASSERT_TRUE(put_known(ram.storage(), "file", "anew"));
  EXPECT_NE(info_of(ram.storage(), "file").version, 0u);
}

TEST(KnownFile, OtherHandsNamesThatNoRequestMayHaveAreNotTold) {
  RamStorage ram;
  ASSERT_TRUE(put_known(ram.storage(), "!", "x"));
  ASSERT_TRUE(put_known(ram.storage(), "z", "x"));
  ram.storage().unmount();
  write_by_other_hand(ram.device(), "back\\slash", "x");
  write_by_other_hand(ram.device(), "new\nline", "x");
  write_by_other_hand(ram.device(), ".Wherry", "x");
  write_by_other_hand(ram.device(), "latin\xE4", "x");
  write_by_other_hand(ram.device(), std::string(97, 'n').c_str(), "x");
  ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
  EXPECT_EQ(names_in(ram.storage(), ""), (std::vector<std::string>{"!", "z"}));
}

}  // namespace
}  // namespace wherry::storage::littlefs
