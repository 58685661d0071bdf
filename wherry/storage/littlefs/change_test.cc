// SPDX-License-Identifier: MIT
// Removals and moves: whom they wait for, what becomes of folders, and of the space.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "wherry/storage/littlefs/ram_storage_for_test.h"

namespace wherry::storage::littlefs {
namespace {

class Changes : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(storage.slots_in_use(), 0u); }

  Result<File> open(std::string_view path) { return loop.run(storage.open(path)); }
  Result<> remove(std::string_view path, bool recursive = false) {
    return loop.run(storage.remove(path, {.recursive = recursive}));
  }
  Result<> move(std::string_view from, std::string_view to, bool replaces = false) {
    return loop.run(storage.move(from, to, {.replaces = replaces}));
  }
  void put_all(std::initializer_list<const char*> paths) {
    for (const char* path : paths) ASSERT_TRUE(put(loop, storage, path, path));
  }
  void turn() {
    while (loop.turn()) {
    }
  }
  // Returns: how many polls that took.
  int poll_until_empty() {
    int count = 0;
    for (; storage.next_deadline_ms(); ++count) storage.poll(now_ms_);
    return count;
  }
  std::uint64_t free_as_told() { return loop.run(storage.measure())->free_bytes.value(); }

  TestLoop loop;
  RamStorage ram{{.sector_count = 4096}, {.slots = 8, .commit_wait_ms = 1000}};
  LittlefsStorage& storage = ram.storage();
  std::uint64_t now_ms_ = 5000;
};

using StartedChange = Started<Storage::Change>;

TEST_F(Changes, RemovalWaitsForTheReaderAndOpensBehindItFindNothing) {
  put_all({"a", "b"});
  Result<File> reader = open("a");
  StartedChange change(loop, storage.remove("a"));
  Started behind(loop, storage.open("a"));
  turn();
  EXPECT_FALSE(change.has_ended());
  EXPECT_TRUE(open("b"));
  EXPECT_TRUE(holds(read_all(loop, *reader), "a"));
  reader = Error::closed;
  EXPECT_TRUE(change.wait());
  EXPECT_EQ(error_of(behind.wait()), Error::not_found);
}

TEST_F(Changes, ThoseOfAFolderWaitForTheReadersOfAllThatIsInIt) {
  put_all({"f/g/a", "fg", "f/b"});
  Result<File> beside = open("fg");
  for (const bool moves : {true, false}) {
    Result<File> reader = open("f/g/a");
    StartedChange change(loop,
                         moves ? storage.move("f", "h") : storage.remove("f", {.recursive = true}));
    turn();
    EXPECT_FALSE(change.has_ended());
    reader = Error::closed;
    EXPECT_TRUE(change.wait());
    if (moves) {
      ASSERT_TRUE(move("h", "f"));
    }
  }
  EXPECT_EQ(names_in(storage, ""), std::vector<std::string>{"fg"});
  poll_until_empty();
}

TEST_F(Changes, MoveWaitsForTheReaderOfWhatItReplaces) {
  put_all({"a", "b"});
  Result<File> reader = open("b");
  StartedChange change(loop, storage.move("a", "b", {.replaces = true}));
  turn();
  EXPECT_FALSE(change.has_ended());
  EXPECT_TRUE(holds(read_all(loop, *reader), "b"));
  reader = Error::closed;
  EXPECT_TRUE(change.wait());
  EXPECT_TRUE(holds(get(loop, storage, "b"), "a"));
}

TEST_F(Changes, WaitIsBoundedAndThenNothingHasChanged) {
  put_all({"f/a"});
  storage.poll(5000);
  Result<File> reader = open("f/a");
  StartedChange change(loop, storage.remove("f", {.recursive = true}));
  EXPECT_EQ(storage.next_deadline_ms(), 6000u);
  storage.poll(5999);
  turn();
  EXPECT_FALSE(change.has_ended());
  storage.poll(6000);
  EXPECT_EQ(error_of(change.wait()), Error::busy);
  EXPECT_TRUE(holds(get(loop, storage, "f/a"), "f/a"));
}

TEST_F(Changes, CancelledOneLetsTheOthersGoAndChangesNothing) {
  put_all({"a"});
  Result<File> reader = open("a");
  std::optional<StartedChange> change(std::in_place, loop, storage.move("a", "b"));
  Started behind(loop, storage.open("a"));
  change.reset();
  EXPECT_TRUE(behind.wait());
  reader = Error::closed;
  EXPECT_EQ(names_in(storage, ""), std::vector<std::string>{"a"});
}

TEST_F(Changes, ExpectationsAreLookedAtWhenTheWaitIsOver) {
  put_all({"a"});
  const std::uint64_t version = open("a")->info().version;
  Result<File> reader = open("a");
  Result<StagedFile> file = loop.run(storage.create("a"));
  Started commit(loop, file->commit());
  StartedChange change(loop, storage.remove("a", {.expected = {Expected::Kind::version, version}}));
  reader = Error::closed;
  EXPECT_TRUE(commit.wait());
  EXPECT_EQ(error_of(change.wait()), Error::precondition_failed);
  EXPECT_TRUE(holds(get(loop, storage, "a"), ""));
}

TEST_F(Changes, RemovedFolderGoesAtOnceAndItsSpaceEntryByEntry) {
  ASSERT_TRUE(put(loop, storage, "beside", "x"));
  const std::uint64_t before = storage.free_bytes().value();
  for (const char* path : {"f/a", "f/b", "f/deep/deeper/deepest/c", "f/deep/d", "f/e/g"})
    ASSERT_TRUE(put(loop, storage, path, some_bytes(9000, 1)));
  EXPECT_EQ(error_of(remove("f")), Error::not_empty);
  ASSERT_TRUE(remove("f", true));
  EXPECT_EQ(names_in(storage, ""), std::vector<std::string>{"beside"});
  EXPECT_LT(storage.free_bytes().value(), before - 5 * 9000);
  EXPECT_GE(poll_until_empty(), 11) << "an entry a turn";
  EXPECT_EQ(free_as_told(), before) << "as it was kept count of";
  EXPECT_EQ(storage.free_bytes().value(), before);
}

TEST_F(Changes, RemovalThatAPowerCutInterruptedGoesOnAfterTheMount) {
  put_all({"beside", "f/a", "f/b/c", "f/b/d/e", "g/h"});
  ASSERT_TRUE(remove("f", true));
  ASSERT_TRUE(remove("g", true));
  storage.poll(now_ms_);
  ASSERT_EQ(storage.mount(Format::never), Medium::ready);
  put_all({"i/j"});
  ASSERT_TRUE(remove("i", true));
  EXPECT_EQ(names_in(storage, ""), std::vector<std::string>{"beside"});
  poll_until_empty();
  const std::uint64_t after = storage.free_bytes().value();
  ASSERT_EQ(storage.mount(Format::never), Medium::ready);
  EXPECT_EQ(storage.next_deadline_ms(), std::nullopt);
  EXPECT_EQ(storage.free_bytes().value(), after);
}

TEST_F(Changes, TransfersGoOnWhileAFolderIsBeingRemoved) {
  for (int i = 0; i < 50; ++i) put_all({("f/" + std::to_string(i)).c_str()});
  ASSERT_TRUE(remove("f", true));
  for (int i = 0; i < 30; ++i) {
    storage.poll(now_ms_);
    ASSERT_TRUE(put(loop, storage, "f/" + std::to_string(i), "anew"));
  }
  poll_until_empty();
  EXPECT_EQ(names_in(storage, "f").size(), 30u);
  EXPECT_TRUE(holds(get(loop, storage, "f/7"), "anew"));
}

TEST_F(Changes, KeepTheCountOfTheSpace) {
  put_all({"small"});
  ASSERT_TRUE(put(loop, storage, "large", some_bytes(100'000, 1)));
  ASSERT_TRUE(storage.free_bytes());
  ASSERT_TRUE(put(loop, storage, "larger", some_bytes(200'000, 1)));
  ASSERT_TRUE(move("large", "larger", true));
  ASSERT_TRUE(move("larger", "new/folder/name"));
  ASSERT_TRUE(put(loop, storage, "other/folder/name", "x"));
  ASSERT_TRUE(remove("other/folder/name"));
  ASSERT_TRUE(remove("other/folder"));
  EXPECT_EQ(free_as_told(), storage.free_bytes().value());
  ASSERT_TRUE(remove("new/folder/name"));
  EXPECT_EQ(free_as_told(), storage.free_bytes().value());
}

TEST_F(Changes, MoveThatFailsTakesTheFoldersThatItMadeBack) {
  put_all({"a", "there/b"});
  const std::uint64_t before = storage.free_bytes().value();
  EXPECT_EQ(error_of(move("there", "there/new/deep")), Error::conflict);
  EXPECT_EQ(error_of(move("a", "there/b/c/d")), Error::conflict);
  EXPECT_EQ(names_in(storage, "there"), std::vector<std::string>{"b"});
  EXPECT_EQ(storage.free_bytes().value(), before);
}

TEST_F(Changes, MoveOfAFolderWhoseNamesWouldBeTooLongMovesNothing) {
  const std::string name(80, 'n');  // of 96 bytes at most
  put_all({"f/a/b/c", "f/a/z", "f/d"});
  ASSERT_TRUE(put(loop, storage, "f/a/e/" + name, "x"));
  ASSERT_TRUE(put(loop, storage, "f/a/y/1", "x"));
  EXPECT_EQ(error_of(move("f", "012345678901")), Error::bad_path);
  EXPECT_TRUE(holds(get(loop, storage, "f/a/e/" + name), "x"));
  EXPECT_TRUE(move("f", "01234567890"));
  EXPECT_TRUE(holds(get(loop, storage, "01234567890/a/e/" + name), "x"));
  EXPECT_TRUE(holds(get(loop, storage, "01234567890/a/b/c"), "f/a/b/c"));
}

TEST_F(Changes, FolderThatGoesOrMovesWhileItIsReadIsNotFound) {
  put_all({"f/a", "f/b", "g/a", "g/b"});
  Result<Folder> removed = loop.run(storage.list("f"));
  Result<Folder> moved = loop.run(storage.list("g"));
  ASSERT_TRUE(loop.run(removed->read(1)));
  ASSERT_TRUE(loop.run(moved->read(1)));
  ASSERT_TRUE(remove("f", true));
  ASSERT_TRUE(move("g", "h"));
  poll_until_empty();
  put_all({"other/file"});
  EXPECT_EQ(error_of(loop.run(removed->read())), Error::not_found);
  EXPECT_EQ(error_of(loop.run(moved->read())), Error::not_found);
}

TEST_F(Changes, EmptyFolderIsRemovedAndTold) {
  put_all({"f/a"});
  ASSERT_TRUE(remove("f/a"));
  EXPECT_EQ(names_in(storage, "f"), std::vector<std::string>{});
  EXPECT_EQ(names_in(storage, ""), std::vector<std::string>{"f/"});
  ASSERT_TRUE(remove("f"));
  EXPECT_EQ(names_in(storage, ""), std::vector<std::string>{});
}

}  // namespace
}  // namespace wherry::storage::littlefs
