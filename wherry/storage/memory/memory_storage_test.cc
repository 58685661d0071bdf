// SPDX-License-Identifier: MIT
// What is particular to the memory back end; the contract is in contract_test.cc.
#include "wherry/storage/memory/memory_storage.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "wherry/storage/test_loop.h"

namespace wherry::storage::memory {
namespace {

struct Place {
  explicit Place(std::size_t memory_bytes = 16 * 1024, bool is_deferred = false)
      : memory(memory_bytes),
        storage(memory, Options{.files = 4,
                                .slots = 3,
                                .path_bytes = 32,
                                .block_bytes = 64,
                                .mailbox = is_deferred ? &loop : nullptr}) {}

  Result<bool> put(std::string_view path, std::string_view text) {
    Result<StagedFile> file = loop.run(storage.create(path));
    if (!file) return file.error();
    if (const Result<> step = loop.run(file->write(as_bytes(text))); !step) return step.error();
    if (const Result<> step = loop.run(file->commit()); !step) return step.error();
    return file->replaced();
  }
  Result<std::string> get(std::string_view path) {
    Result<File> file = loop.run(storage.open(path));
    if (!file) return file.error();
    std::string text;
    while (true) {
      const Result<Bytes> piece = loop.run(file->read(text.size(), 1000));
      if (!piece) return piece.error();
      if (piece->empty()) return text;
      text += as_text(*piece);
    }
  }
  bool becomes_idle() {
    return loop.run_until([this] { return storage.slots_in_use() == 0; });
  }

  TestLoop loop;
  std::vector<std::byte> memory;
  MemoryStorage storage;
};

TEST(MemoryStorage, StoreFillsAndReplacesAtOnce) {
  Place place;
  ASSERT_TRUE(place.storage.store("a", as_bytes("first")));
  ASSERT_TRUE(place.storage.store("a", as_bytes("second")));
  EXPECT_EQ(place.storage.file_count(), 1u);
  EXPECT_TRUE(holds(place.get("a"), "second"));
  EXPECT_EQ(error_of(place.storage.store("a/b", as_bytes("x"))), Error::conflict);
  EXPECT_EQ(error_of(place.storage.store("../a", as_bytes("x"))), Error::bad_path);
  EXPECT_EQ(error_of(place.storage.store(std::string(33, 'x'), as_bytes("x"))), Error::bad_path);
}

TEST(MemoryStorage, BlocksRunOutAndComeBack) {
  Place place;
  const std::size_t capacity = place.storage.block_count() * place.storage.block_bytes();
  ASSERT_TRUE(place.put("old", "old"));
  EXPECT_EQ(error_of(place.put("big", std::string(capacity, 'x'))), Error::no_space);
  EXPECT_EQ(place.storage.blocks_in_use(), 1u);
  EXPECT_TRUE(place.put("big", std::string(capacity - place.storage.block_bytes(), 'x')));
  EXPECT_EQ(error_of(place.put("old", "more")), Error::no_space);
  EXPECT_TRUE(holds(place.get("old"), "old"));
  EXPECT_TRUE(place.put("big", "")) << "an empty file needs no block";
  EXPECT_EQ(place.storage.blocks_in_use(), 1u);
}

TEST(MemoryStorage, NamesRunOut) {
  Place place;
  for (const char* name : {"a", "b", "c", "d"}) ASSERT_TRUE(place.put(name, name));
  EXPECT_EQ(error_of(place.put("e", "e")), Error::no_space);
  EXPECT_TRUE(holds(place.put("a", "again"), true));
}

TEST(MemoryStorage, ReadersKeepAReplacedVersionsBlocks) {
  Place place;
  ASSERT_TRUE(place.put("a", std::string(640, 'x')));
  EXPECT_EQ(place.storage.blocks_in_use(), 10u);
  {
    Result<File> reader = place.loop.run(place.storage.open("a"));
    ASSERT_TRUE(reader);
    ASSERT_TRUE(place.put("a", "y"));
    EXPECT_EQ(place.storage.blocks_in_use(), 11u);
  }
  EXPECT_EQ(place.storage.blocks_in_use(), 1u);
}

TEST(MemoryStorage, ModificationTimeIsTheClocksOrNone) {
  Place place;
  ASSERT_TRUE(place.put("without", "x"));
  place.storage.set_clock(1'700'000'000);
  ASSERT_TRUE(place.put("with", "x"));
  EXPECT_EQ(place.loop.run(place.storage.open("without"))->info().modified_s, std::nullopt);
  EXPECT_EQ(place.loop.run(place.storage.open("with"))->info().modified_s, 1'700'000'000);
}

TEST(MemoryStorage, LivesInMemoryAtAnyAddress) {
  std::vector<std::byte> memory(8 * 1024);
  for (std::size_t offset = 0; offset < 17; ++offset) {
    MemoryStorage storage(MutableBytes(memory).subspan(offset),
                          Options{.files = 2, .slots = 1, .path_bytes = 17, .block_bytes = 13});
    EXPECT_TRUE(storage.store("a", as_bytes("text that needs more than a block")));
    EXPECT_GT(storage.block_count(), 100u);
  }
}

TEST(MemoryStorage, VersionsCountCommitsFromWhereItWasTold) {
  std::vector<std::byte> memory(16 * 1024);
  MemoryStorage storage(memory, Options{.first_version = UINT64_MAX});
  ASSERT_TRUE(storage.store("a", as_bytes("1")));
  ASSERT_TRUE(storage.store("b", as_bytes("2")));
  TestLoop loop;
  EXPECT_EQ(loop.run(storage.open("a"))->info().version, UINT64_MAX);
  EXPECT_EQ(loop.run(storage.open("b"))->info().version, 1u) << "0 is none";
}

TEST(MemoryStorage, RemovedFileKeepsItsBlocksForItsReader) {
  Place place;
  ASSERT_TRUE(place.put("a", std::string(640, 'x')));
  {
    Result<File> reader = place.loop.run(place.storage.open("a"));
    ASSERT_TRUE(reader);
    ASSERT_TRUE(place.loop.run(place.storage.remove("a")));
    EXPECT_EQ(place.storage.file_count(), 0u);
    EXPECT_EQ(place.storage.blocks_in_use(), 10u);
    EXPECT_TRUE(place.loop.run(reader->read(0, 64)));
  }
  EXPECT_EQ(place.storage.blocks_in_use(), 0u);
}

TEST(MemoryStorage, FolderGoesOrMovesWithAllThatIsInIt) {
  Place place;
  for (const char* name : {"f/a", "f/b/c", "fa", "f/b/d"}) ASSERT_TRUE(place.put(name, name));
  EXPECT_EQ(error_of(place.loop.run(place.storage.remove("f"))), Error::not_empty);
  ASSERT_TRUE(place.loop.run(place.storage.move("f", "new/folder")));
  EXPECT_TRUE(holds(place.get("new/folder/b/c"), "f/b/c"));
  EXPECT_TRUE(holds(place.get("fa"), "fa"));
  EXPECT_EQ(error_of(place.get("f/a")), Error::not_found);
  EXPECT_EQ(error_of(place.loop.run(place.storage.list("f"))), Error::not_found);
  ASSERT_TRUE(place.loop.run(place.storage.remove("new/folder/b", {.recursive = true})));
  EXPECT_EQ(place.storage.file_count(), 2u);
  EXPECT_TRUE(holds(place.get("new/folder/a"), "f/a"));
}

TEST(MemoryStorage, MoveWhoseNamesWouldBeTooLongMovesNothing) {
  Place place;
  ASSERT_TRUE(place.put("f/short", "1"));
  ASSERT_TRUE(place.put("f/" + std::string(28, 'x'), "2"));
  EXPECT_EQ(error_of(place.loop.run(place.storage.move("f", "longer"))), Error::bad_path);
  EXPECT_EQ(error_of(place.loop.run(place.storage.move("f/short", std::string(33, 'y')))),
            Error::bad_path);
  EXPECT_TRUE(holds(place.get("f/short"), "1"));
  EXPECT_TRUE(place.loop.run(place.storage.move("f", "fo2")));
  EXPECT_TRUE(holds(place.get("fo2/" + std::string(28, 'x')), "2"));
}

TEST(MemoryStorage, ListGoesOnBehindANameThatIsLongerThanAny) {
  Place place;
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(place.put(name, name));
  const std::string position(200, 'b');
  Result<Folder> folder = place.loop.run(place.storage.list("", {.name = position}));
  ASSERT_TRUE(folder);
  const Result<FolderPage> page = place.loop.run(folder->read());
  ASSERT_TRUE(page);
  ASSERT_EQ(page->count(), 1u);
  EXPECT_EQ((*page)[0].name, "c");
}

TEST(MemoryStorage, FolderThatGoesWhileItIsReadIsNotFound) {
  Place place;
  ASSERT_TRUE(place.put("f/a", "1"));
  Result<Folder> folder = place.loop.run(place.storage.list("f"));
  ASSERT_TRUE(folder);
  ASSERT_TRUE(place.loop.run(place.storage.remove("f", {.recursive = true})));
  EXPECT_EQ(error_of(place.loop.run(folder->read())), Error::not_found);
}

// Each operation on names fails in turn: nothing has changed then, and the next succeeds.
void every_change_fails_in_turn(bool is_deferred) {
  Place place(16 * 1024, is_deferred);
  ASSERT_TRUE(place.put("a", "1"));
  const std::uint64_t begin = place.storage.operation_count();
  place.storage.fail_operation(0, Error::disk_failed);
  EXPECT_EQ(error_of(place.loop.run(place.storage.remove("a"))), Error::disk_failed);
  place.storage.fail_operation(0, Error::not_writable);
  EXPECT_EQ(error_of(place.loop.run(place.storage.move("a", "b"))), Error::not_writable);
  place.storage.fail_operation(0, Error::disk_failed);
  EXPECT_EQ(error_of(place.loop.run(place.storage.list(""))), Error::disk_failed);
  {
    Result<Folder> folder = place.loop.run(place.storage.list(""));
    ASSERT_TRUE(folder);
    place.storage.fail_operation(0, Error::disk_failed);
    EXPECT_EQ(error_of(place.loop.run(folder->read())), Error::disk_failed);
    const Result<FolderPage> page = place.loop.run(folder->read());
    ASSERT_TRUE(page);
    EXPECT_EQ(page->count(), 1u);
  }
  EXPECT_EQ(place.storage.operation_count() - begin, 6u);
  EXPECT_TRUE(place.loop.run(place.storage.move("a", "b")));
  EXPECT_TRUE(place.loop.run(place.storage.remove("b")));
  EXPECT_TRUE(place.becomes_idle());
}

TEST(MemoryStorage, EveryChangeFailsInTurn) { every_change_fails_in_turn(false); }
TEST(MemoryStorage, EveryChangeFailsInTurnAndLater) { every_change_fails_in_turn(true); }

// Each operation fails in turn: nothing is left behind, the old file stays, and what is told as
// success is there.
void every_operation_fails_in_turn(bool is_deferred) {
  const std::string text(300, 'n');
  Place whole(16 * 1024, is_deferred);
  ASSERT_TRUE(whole.put("file", text));
  ASSERT_TRUE(whole.get("file"));
  const std::uint64_t operations = whole.storage.operation_count();
  EXPECT_EQ(operations, 1u + 5 + 1 + 1 + 6);  // create, blocks, commit, open, reads and the end
  for (std::uint64_t index = 0; index < operations; ++index) {
    Place place(16 * 1024, is_deferred);
    ASSERT_TRUE(place.storage.store("file", as_bytes("old")));
    place.storage.fail_operation(index, Error::disk_failed);
    const Result<bool> stored = place.put("file", text);
    const Result<std::string> read = place.get("file");
    ASSERT_TRUE(place.becomes_idle());
    EXPECT_NE(stored.has_value(), read.has_value()) << "exactly one of them met the fault";
    EXPECT_EQ(error_of(stored) == Error::none ? error_of(read) : error_of(stored),
              Error::disk_failed);
    if (read) {
      EXPECT_EQ(*read, "old");
    }
    EXPECT_EQ(place.storage.blocks_in_use(), stored ? 5u : 1u);
  }
  EXPECT_TRUE(whole.becomes_idle());
}

TEST(MemoryStorage, EveryOperationFailsInTurn) { every_operation_fails_in_turn(false); }
TEST(MemoryStorage, EveryOperationFailsInTurnAndLater) { every_operation_fails_in_turn(true); }

TEST(MemoryStorage, OperationsEndLaterWhereThereIsAMailbox) {
  Place place(16 * 1024, true);
  ASSERT_TRUE(place.storage.store("a", as_bytes("x")));
  const Started open(place.loop, place.storage.open("a"));
  EXPECT_FALSE(open.has_ended());
  EXPECT_TRUE(place.loop.run_until([&] { return open.has_ended(); }));
}

}  // namespace
}  // namespace wherry::storage::memory
