// SPDX-License-Identifier: MIT
// Counts every allocation of the process: after the start there is none, whatever is stored or
// sent. A program of its own, because it replaces malloc. Built without sanitizers, which do too.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>

#include "wherry/base/heap_calls_for_test.h"
#include "wherry/storage/posix/place_for_test.h"

namespace {
std::atomic<std::uint64_t> allocations = 0;
}  // namespace

void wherry::on_heap_call() noexcept { ++allocations; }

namespace wherry::storage::posix {
namespace {

TEST(Heap, CountsAllocations) {
  const std::uint64_t before = allocations;
  const auto one = std::make_unique<std::array<char, 100>>();
  EXPECT_EQ(allocations - before, 1u) << one->data();
}

void list_and_change(PlaceForTest& place) {
  TestLoop& loop = place.loop();
  Storage& storage = place.storage();
  Result<Folder> folder = loop.run(storage.list("made/folder"));
  ASSERT_TRUE(folder);
  ASSERT_TRUE(loop.run(folder->read()));
  ASSERT_TRUE(loop.run(storage.move("made/folder/file", "moved/on/file")));
  ASSERT_TRUE(loop.run(storage.move("moved/on", "moved/there")));
  ASSERT_EQ(error_of(loop.run(storage.remove("moved"))), Error::not_empty);
  ASSERT_TRUE(loop.run(storage.remove("moved", {.recursive = true})));
  ASSERT_TRUE(loop.run(storage.remove("made/folder")));
}

void store_and_send(PlaceForTest& place, std::string_view text) {
  for (int i = 0; i < 50; ++i) {
    {
      Result<StagedFile> file = place.create("made/folder/file");
      ASSERT_TRUE(file);
      ASSERT_TRUE(place.write(*file, text));
      ASSERT_TRUE(place.commit(*file));
    }
    ASSERT_EQ(error_of(place.open("missing")), Error::not_found);
    {
      Result<StagedFile> upload =
          place.create(".wherry/uploads/0a1b", {.scope = Scope::uploads, .resume_at = 0});
      ASSERT_TRUE(upload && place.write(*upload, text) && place.loop().run(upload->sync()));
    }
    {
      Result<StagedFile> upload =
          place.create(".wherry/uploads/0a1b", {.scope = Scope::uploads, .resume_at = 5});
      ASSERT_TRUE(upload && place.write(*upload, text));
      ASSERT_TRUE(place.loop().run(upload->commit({.path = "other"})));
    }
    Result<File> file = place.open("made/folder/file");
    ASSERT_TRUE(file);
    ASSERT_TRUE(place.loop().run(file->read(0, 50'000)));
    list_and_change(place);
  }
  ASSERT_TRUE(place.becomes_idle());
}

TEST(Heap, NothingIsAllocatedAfterTheStart) {
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  const std::string text = some_text(400'000);
  store_and_send(place, "warm up what the test program itself needs");
  const std::uint64_t before = allocations;
  store_and_send(place, text);
  EXPECT_EQ(allocations - before, 0u);
}

}  // namespace
}  // namespace wherry::storage::posix
