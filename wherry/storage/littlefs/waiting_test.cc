// SPDX-License-Identifier: MIT
// Commits that wait for readers, and opens that wait for commits.
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "wherry/storage/littlefs/littlefs_storage.h"
#include "wherry/storage/littlefs/ram_storage_for_test.h"

namespace wherry::storage::littlefs {
namespace {

class Waiting : public ::testing::Test {
 protected:
  Waiting() { EXPECT_TRUE(put(loop, storage, "a", "old")); }
  void TearDown() override {
    EXPECT_EQ(storage.slots_in_use(), 0u);
    EXPECT_EQ(storage.next_deadline_ms(), std::nullopt);
  }

  Result<File> open(std::string_view path = "a") { return loop.run(storage.open(path)); }
  Result<StagedFile> write(std::string_view text, std::string_view path = "a") {
    Result<StagedFile> file = loop.run(storage.create(path));
    EXPECT_TRUE(file);
    EXPECT_TRUE(loop.run(file->write(as_bytes(text))));
    return file;
  }
  std::uint64_t free_bytes() { return storage.free_bytes().value(); }
  void turn() {
    while (loop.turn()) {
    }
  }

  TestLoop loop;
  RamStorage ram{{}, {.slots = 8, .commit_wait_ms = 1000}};
  LittlefsStorage& storage = ram.storage();
};

using StartedOpen = Started<Storage::Open>;
using StartedCommit = Started<StagedFile::Commit>;

TEST_F(Waiting, CommitGoesOnWhenTheLastReaderCloses) {
  Result<File> first = open();
  Result<File> second = open();
  Result<StagedFile> file = write("new");
  StartedCommit commit(loop, file->commit());
  turn();
  EXPECT_FALSE(commit.has_ended());
  first = Error::closed;
  turn();
  EXPECT_FALSE(commit.has_ended());
  EXPECT_TRUE(holds(read_all(loop, *second), "old"));
  second = Error::closed;
  EXPECT_TRUE(commit.wait());
  EXPECT_TRUE(file->replaced());
  EXPECT_TRUE(holds(get(loop, storage, "a"), "new"));
}

TEST_F(Waiting, ReadersOfOtherNamesAreNotWaitedFor) {
  ASSERT_TRUE(put(loop, storage, "ab", "other"));
  ASSERT_TRUE(put(loop, storage, "b/a", "other"));
  const Result<File> other = open("ab");
  const Result<File> same_in_folder = open("b/a");
  EXPECT_TRUE(holds(put(loop, storage, "a", "new"), true));
}

TEST_F(Waiting, OpensThatComeMeanwhileSeeTheNewVersion) {
  Result<File> reader = open();
  Result<StagedFile> file = write("new");
  StartedCommit commit(loop, file->commit());
  StartedOpen first(loop, storage.open("a"));
  StartedOpen second(loop, storage.open("a"));
  turn();
  EXPECT_FALSE(first.has_ended());
  EXPECT_TRUE(put(loop, storage, "other", "x")) << "others go on meanwhile";
  EXPECT_TRUE(open("other"));
  reader = Error::closed;
  EXPECT_TRUE(commit.wait());
  Result<File> opened_first = first.wait();
  Result<File> opened_second = second.wait();
  ASSERT_TRUE(opened_first && opened_second);
  EXPECT_TRUE(holds(read_all(loop, *opened_first), "new"));
  EXPECT_TRUE(holds(read_all(loop, *opened_second), "new"));
}

TEST_F(Waiting, CommitsAndOpensGoInTheOrderInWhichTheyCame) {
  Result<File> reader = open();
  Result<StagedFile> one = write("one");
  Result<StagedFile> two = write("two");
  StartedCommit commit_one(loop, one->commit());
  StartedOpen between(loop, storage.open("a"));
  StartedCommit commit_two(loop, two->commit());
  StartedOpen after(loop, storage.open("a"));
  reader = Error::closed;
  EXPECT_TRUE(commit_one.wait());
  Result<File> opened_between = between.wait();
  ASSERT_TRUE(opened_between);
  turn();
  EXPECT_FALSE(commit_two.has_ended());
  EXPECT_FALSE(after.has_ended());
  EXPECT_TRUE(holds(read_all(loop, *opened_between), "one"));
  opened_between = Error::closed;
  EXPECT_TRUE(commit_two.wait());
  Result<File> opened_after = after.wait();
  ASSERT_TRUE(opened_after);
  EXPECT_TRUE(holds(read_all(loop, *opened_after), "two"));
}

TEST_F(Waiting, CommitThatWaitsForTooLongIsBusyAndLeavesNothing) {
  storage.poll(5000);
  const std::uint64_t before = free_bytes();
  Result<File> reader = open();
  Result<StagedFile> file = write(std::string(20'000, 'x'));
  StartedCommit commit(loop, file->commit());
  StartedOpen behind(loop, storage.open("a"));
  EXPECT_EQ(storage.next_deadline_ms(), 6000u);
  storage.poll(5999);
  turn();
  EXPECT_FALSE(commit.has_ended());
  storage.poll(6000);
  EXPECT_EQ(error_of(commit.wait()), Error::busy);
  Result<File> opened = behind.wait();
  ASSERT_TRUE(opened);
  EXPECT_TRUE(holds(read_all(loop, *opened), "old"));
  EXPECT_TRUE(holds(read_all(loop, *reader), "old"));
  EXPECT_EQ(free_bytes(), before);
}

TEST_F(Waiting, EachCommitHasItsOwnDeadline) {
  Result<File> reader = open();
  Result<StagedFile> one = write("one");
  Result<StagedFile> two = write("two");
  StartedCommit commit_one(loop, one->commit());
  storage.poll(600);
  StartedCommit commit_two(loop, two->commit());
  storage.poll(1000);
  EXPECT_EQ(error_of(commit_one.wait()), Error::busy);
  EXPECT_FALSE(commit_two.has_ended());
  EXPECT_EQ(storage.next_deadline_ms(), 1600u);
  reader = Error::closed;
  EXPECT_TRUE(commit_two.wait());
}

TEST_F(Waiting, CancelledCommitLetsTheOpensBehindItGo) {
  Result<File> reader = open();
  Result<StagedFile> file = write("new");
  std::optional<StartedCommit> commit(std::in_place, loop, file->commit());
  StartedOpen behind(loop, storage.open("a"));
  commit.reset();
  Result<File> opened = behind.wait();
  ASSERT_TRUE(opened);
  EXPECT_TRUE(holds(read_all(loop, *opened), "old"));
  file = Error::closed;
  EXPECT_TRUE(holds(get(loop, storage, "a"), "old"));
}

TEST_F(Waiting, CancelledOpenLetsTheCommitBehindItGo) {
  Result<File> reader = open();
  Result<StagedFile> one = write("one");
  Result<StagedFile> two = write("two");
  StartedCommit commit_one(loop, one->commit());
  std::optional<StartedOpen> between(std::in_place, loop, storage.open("a"));
  StartedCommit commit_two(loop, two->commit());
  between.reset();
  reader = Error::closed;
  EXPECT_TRUE(commit_one.wait());
  EXPECT_TRUE(commit_two.wait());
  EXPECT_TRUE(holds(get(loop, storage, "a"), "two"));
}

TEST_F(Waiting, OpensThatWaitTakeSlotsAndThoseBeyondAreBusy) {
  Result<File> reader = open();
  Result<StagedFile> file = write("new");
  StartedCommit commit(loop, file->commit());
  std::deque<StartedOpen> opens;
  for (int i = 0; i < 6; ++i) opens.emplace_back(loop, storage.open("a"));
  EXPECT_EQ(error_of(open("a")), Error::busy);
  EXPECT_EQ(error_of(open("other")), Error::busy);
  reader = Error::closed;
  EXPECT_TRUE(commit.wait());
  for (StartedOpen& one : opens) EXPECT_TRUE(one.wait());
}

TEST_F(Waiting, CommitOfAFirstVersionWaitsForNobody) {
  const Result<File> reader = open();
  EXPECT_TRUE(holds(put(loop, storage, "new", "x"), false));
}

TEST_F(Waiting, FailureOfTheWaitingCommitIsTold) {
  Result<File> reader = open();
  Result<StagedFile> file = write("new");
  StartedCommit commit(loop, file->commit());
  ram.device().remove_medium(true);
  reader = Error::closed;
  EXPECT_EQ(error_of(commit.wait()), Error::disk_failed);
  ram.device().remove_medium(false);
}

}  // namespace
}  // namespace wherry::storage::littlefs
