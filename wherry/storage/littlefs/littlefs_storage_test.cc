// SPDX-License-Identifier: MIT
// What is particular to the littlefs back end; the contract is in contract_test.cc, power cuts are
// in tests/powerloss.
#include "wherry/storage/littlefs/littlefs_storage.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wherry/storage/littlefs/ram_storage_for_test.h"

namespace wherry::storage::littlefs {
namespace {

TEST(LittlefsStorage, FailedCommitRemovesTheFoldersThatItMade) {
  TestLoop loop;
  RamStorage ram;
  ASSERT_TRUE(put(loop, ram.storage(), "there/file", "x"));
  const std::uint64_t before = ram.storage().free_bytes().value();
  Result<StagedFile> file = loop.run(ram.storage().create("there/new/deep/file"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(put(loop, ram.storage(), "there/new", "a file in the way"));
  EXPECT_EQ(error_of(loop.run(file->commit())), Error::conflict);
  file = Error::closed;
  EXPECT_EQ(names_in(ram.storage(), "there"), (std::vector<std::string>{"file", "new"}));
  EXPECT_TRUE(holds(ram.storage().free_bytes(), before));
}

TEST(LittlefsStorage, KeepsFilesAcrossMounts) {
  TestLoop loop;
  RamStorage ram;
  const std::string text = some_bytes(70'000, 1);
  ASSERT_TRUE(put(loop, ram.storage(), "a/b", text));
  ram.storage().unmount();
  EXPECT_EQ(ram.storage().medium(), Medium::not_mounted);
  ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
  EXPECT_TRUE(holds(get(loop, ram.storage(), "a/b"), text));
}

TEST(LittlefsStorage, NamesHaveAGreatestLength) {
  TestLoop loop;
  RamStorage ram({}, {.path_bytes = 40});
  const std::string longest(40, 'x');
  EXPECT_TRUE(put(loop, ram.storage(), longest, "1"));
  EXPECT_TRUE(holds(get(loop, ram.storage(), longest), "1"));
  EXPECT_EQ(error_of(put(loop, ram.storage(), longest + "x", "1")), Error::bad_path);
  EXPECT_EQ(error_of(get(loop, ram.storage(), longest + "x")), Error::not_found);
}

std::optional<std::uint64_t> measured_free(TestLoop& loop, LittlefsStorage& storage) {
  const Result<Space> space = loop.run(storage.measure());
  return space ? space->free_bytes : std::nullopt;
}

TEST(LittlefsStorage, KnowsWhatIsFreeWithoutAnotherWalk) {
  TestLoop loop;
  RamStorage ram({.sector_count = 4096});
  ASSERT_TRUE(put(loop, ram.storage(), "first", "x"));  // makes the private folder
  ASSERT_TRUE(ram.storage().free_bytes());
  for (const std::size_t size : {0u, 511u, 512u, 513u, 4096u, 4097u, 8184u, 8188u, 8189u, 16'364u,
                                 16'365u, 100'000u, 400'000u, 1u}) {
    const std::string text = some_bytes(size, static_cast<std::uint32_t>(size));
    ASSERT_TRUE(put(loop, ram.storage(), "file", text));
    const std::optional<std::uint64_t> known = measured_free(loop, ram.storage());
    EXPECT_TRUE(holds(ram.storage().free_bytes(), known.value())) << size;
  }
  const std::uint64_t walked = ram.storage().free_bytes().value();
  ram.storage().unmount();
  ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
  EXPECT_EQ(measured_free(loop, ram.storage()), walked - 2 * 4096);  // the folder counts twice
}

TEST(LittlefsStorage, DoesNotWalkFarToSayWhatIsFree) {
  TestLoop loop;
  RamStorage ram({.sector_count = 8 * 1024});
  const std::string text(520 * 4096, 'x');
  ASSERT_TRUE(put(loop, ram.storage(), "file", text));
  ram.storage().unmount();
  ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
  const Result<Space> space = loop.run(ram.storage().measure());
  ASSERT_TRUE(space);
  EXPECT_EQ(space->total_bytes, 1024u * 4096u);
  EXPECT_EQ(space->free_bytes, std::nullopt);
  ASSERT_TRUE(put(loop, ram.storage(), "small", "x", {.expected_size = 1}));  // has to walk
  EXPECT_TRUE(holds(ram.storage().free_bytes(), measured_free(loop, ram.storage()).value()));
}

TEST(LittlefsStorage, WithoutAMediumNothingIsMeasured) {
  TestLoop loop;
  RamStorage ram;
  ram.storage().unmount();
  EXPECT_EQ(error_of(loop.run(ram.storage().measure())), Error::storage_unavailable);
}

TEST(LittlefsStorage, ExpectedSizeIsComparedWithWhatIsFree) {
  TestLoop loop;
  RamStorage ram;  // 64 blocks of 4096 bytes
  const Result<std::uint64_t> available = ram.storage().free_bytes();
  ASSERT_TRUE(available);
  EXPECT_EQ(ram.storage().total_bytes(), 64u * 4096u);
  EXPECT_LT(*available, ram.storage().total_bytes());
  EXPECT_EQ(error_of(loop.run(ram.storage().create("a", {.expected_size = *available + 1}))),
            Error::no_space);
  for (int i = 0; i < 20; ++i) {  // replaced ones do not count, however many
    const std::string text = some_bytes(100'000, static_cast<std::uint32_t>(i));
    ASSERT_TRUE(put(loop, ram.storage(), "a", text, {.expected_size = text.size()})) << i;
  }
  EXPECT_EQ(error_of(loop.run(ram.storage().create("b", {.expected_size = *available}))),
            Error::no_space);
  EXPECT_TRUE(put(loop, ram.storage(), "b", some_bytes(90'000, 1), {.expected_size = 90'000}));
}

TEST(LittlefsStorage, DiscardGivesSpaceBackAtOnce) {
  TestLoop loop;
  RamStorage ram;
  ASSERT_TRUE(put(loop, ram.storage(), "a", "x"));
  const std::uint64_t before = ram.storage().free_bytes().value();
  {
    Result<StagedFile> file = loop.run(ram.storage().create("a"));
    ASSERT_TRUE(file);
    ASSERT_TRUE(loop.run(file->write(as_bytes(some_bytes(50'000, 1)))));
    const Result<std::uint64_t> meanwhile = ram.storage().free_bytes();
    ASSERT_TRUE(meanwhile);
    EXPECT_LT(*meanwhile, before - 48'000);
  }
  EXPECT_TRUE(holds(ram.storage().free_bytes(), before));
}

// Files that lie in their folder's blocks, and some that do not: on a full medium it is now the
// writing that finds no room, now the renaming of what is staged, or the folder for it.
TEST(LittlefsStorage, FullMediumRefusesFilesAndLosesNone) {
  for (const std::uint32_t blocks : {12u, 16u, 17u, 40u}) {
    SCOPED_TRACE(blocks);
    TestLoop loop;
    RamStorage ram({.sector_count = blocks * 8});
    std::map<std::string, std::string> stored;
    int refusals = 0;
    for (std::uint32_t i = 0; refusals < 100; ++i) {
      std::string name = "file-" + std::to_string(i % 97);
      if (i % 3 == 0) name.insert(0, "folder-" + std::to_string(i % 5) + "/");
      const std::string text = some_bytes(i % 11 == 0 ? 5000 : i * 37 % 500, i);
      const Result<bool> result = put(loop, ram.storage(), name, text);
      if (result) {
        EXPECT_EQ(*result, stored.contains(name)) << i;
        stored[name] = text;
      } else {
        ASSERT_EQ(result.error(), Error::no_space) << i;
        ++refusals;
      }
    }
    for (int mounts = 0; mounts < 2; ++mounts) {
      for (const auto& [name, text] : stored)
        EXPECT_TRUE(holds(get(loop, ram.storage(), name), text)) << name;
      ram.storage().unmount();
      ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
    }
  }
}

TEST(LittlefsStorage, NothingLaterSucceedsAfterAWriteHasFailed) {
  TestLoop loop;
  RamStorage ram;
  ASSERT_TRUE(put(loop, ram.storage(), "a", "old"));
  Result<StagedFile> file = loop.run(ram.storage().create("a"));
  ASSERT_TRUE(file);
  EXPECT_EQ(error_of(loop.run(file->write(as_bytes(some_bytes(300'000, 1))))), Error::no_space);
  EXPECT_EQ(error_of(loop.run(file->room())), Error::no_space);
  EXPECT_EQ(error_of(loop.run(file->commit())), Error::no_space);
  EXPECT_TRUE(holds(get(loop, ram.storage(), "a"), "old"));
}

TEST(LittlefsStorage, RemovedMediumFailsAndServesAgainWhenItIsBack) {
  TestLoop loop;
  RamStorage ram;
  ASSERT_TRUE(put(loop, ram.storage(), "a", some_bytes(20'000, 1)));
  ram.device().remove_medium(true);
  EXPECT_EQ(error_of(get(loop, ram.storage(), "a")), Error::disk_failed);
  EXPECT_EQ(error_of(put(loop, ram.storage(), "a", "new")), Error::storage_unavailable);
  EXPECT_EQ(ram.storage().medium(), Medium::device_failed);
  EXPECT_EQ(ram.storage().slots_in_use(), 0u);
  EXPECT_EQ(ram.storage().mount(Format::if_unreadable), Medium::device_failed);
  EXPECT_EQ(error_of(get(loop, ram.storage(), "a")), Error::storage_unavailable);
  ram.device().remove_medium(false);
  ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
  EXPECT_TRUE(holds(get(loop, ram.storage(), "a"), some_bytes(20'000, 1)));
}

TEST(LittlefsStorage, AfterAFailureNothingIsWrittenUntilNoFileIsOpen) {
  TestLoop loop;
  RamStorage ram;
  const std::string text = some_bytes(20'000, 1);
  ASSERT_TRUE(put(loop, ram.storage(), "a", text));
  Result<File> reader = loop.run(ram.storage().open("a"));
  Result<StagedFile> file = loop.run(ram.storage().create("b"));
  ASSERT_TRUE(reader && file);
  ram.device().remove_medium(true);
  EXPECT_EQ(error_of(loop.run(file->write(as_bytes(text)))), Error::disk_failed);
  ram.device().remove_medium(false);
  const std::vector<std::byte> before = ram.device().bytes();
  EXPECT_EQ(error_of(loop.run(file->commit())), Error::disk_failed);
  file = Error::closed;
  EXPECT_EQ(error_of(put(loop, ram.storage(), "b", "x")), Error::disk_failed);
  EXPECT_TRUE(holds(read_all(loop, *reader), text));
  EXPECT_TRUE(holds(get(loop, ram.storage(), "a"), text));
  EXPECT_TRUE(ram.device().bytes() == before);
  reader = Error::closed;
  EXPECT_TRUE(put(loop, ram.storage(), "b", "x"));
}

TEST(LittlefsStorage, CountsTheMostSlotsThatWereInUse) {
  TestLoop loop;
  RamStorage ram;
  ASSERT_TRUE(put(loop, ram.storage(), "a", "x"));
  EXPECT_EQ(ram.storage().peak_slots(), 1u);
  {
    const Result<File> one = loop.run(ram.storage().open("a"));
    const Result<File> two = loop.run(ram.storage().open("a"));
    ASSERT_TRUE(one && two);
  }
  EXPECT_EQ(ram.storage().slots_in_use(), 0u);
  EXPECT_EQ(ram.storage().peak_slots(), 2u);
}

TEST(LittlefsStorage, FramesAreSmall) {
  TestLoop loop;
  RamStorage ram;
  ASSERT_TRUE(put(loop, ram.storage(), "a", some_bytes(5000, 1)));
  Result<File> file = loop.run(ram.storage().open("a"));
  ASSERT_TRUE(file);
  TextSink sink;
  const std::size_t before = loop.arena().used_bytes();
  const coro::Task<> send = file->send_to(loop.context(), sink, 0, 5000);
  EXPECT_LE(loop.arena().used_bytes() - before, 512u);
}

}  // namespace
}  // namespace wherry::storage::littlefs
