// SPDX-License-Identifier: MIT
// The storage contract, asked of every back end in the same words: reading and writing files.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "wherry/storage/contract_for_test.h"

namespace wherry::storage {
namespace {

TEST_P(Contract, WhatWasCommittedIsRead) {
  for (const std::size_t size :
       {0u, 1u, 511u, 512u, 513u, 1088u, 1089u, 2112u, 2113u, 8192u, 8193u, 100'000u}) {
    const std::string text = some_bytes(size, static_cast<unsigned>(size));
    const Result<bool> replaced = store("file.bin", text);
    ASSERT_TRUE(replaced) << size;
    const Result<File> file = open("file.bin");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->info().size, size);
    EXPECT_TRUE(holds(content_of("file.bin"), text)) << size;
  }
}

TEST_P(Contract, SaysWhetherItReplaced) {
  EXPECT_TRUE(holds(store("a", "1"), false));
  EXPECT_TRUE(holds(store("a", "2"), true));
  EXPECT_TRUE(holds(content_of("a"), "2"));
}

TEST_P(Contract, ManySmallWritesAreGathered) {
  Result<StagedFile> file = create("gathered");
  ASSERT_TRUE(file);
  std::string expected;
  for (unsigned i = 0; i < 2000; ++i) {
    const std::string piece = some_bytes(i % 23, i);
    ASSERT_TRUE(write(*file, piece));
    expected += piece;
  }
  EXPECT_EQ(file->size(), expected.size());
  ASSERT_TRUE(loop().run(file->commit()));
  EXPECT_TRUE(holds(content_of("gathered"), expected));
}

TEST_P(Contract, RoomIsFilledInPlaceInAnyPortions) {
  Result<StagedFile> file = create("in place");
  ASSERT_TRUE(file);
  const std::string text = some_bytes(50'000, 5);
  std::size_t at = 0;
  for (std::size_t portion = 1; at < text.size(); portion = portion * 3 % 1009 + 1) {
    const Result<MutableBytes> room = loop().run(file->room());
    ASSERT_TRUE(room);
    ASSERT_FALSE(room->empty());
    const std::size_t size = std::min({portion, room->size(), text.size() - at});
    std::memcpy(room->data(), text.data() + at, size);
    file->filled(size);
    at += size;
  }
  ASSERT_TRUE(loop().run(file->commit()));
  EXPECT_TRUE(holds(content_of("in place"), text));
}

TEST_P(Contract, NothingIsVisibleBeforeTheCommit) {
  Result<StagedFile> file = create("hidden");
  ASSERT_TRUE(file);
  ASSERT_TRUE(write(*file, some_bytes(20'000, 1)));
  EXPECT_EQ(error_of(open("hidden")), Error::not_found);
  ASSERT_TRUE(loop().run(file->commit()));
  EXPECT_TRUE(open("hidden"));
}

TEST_P(Contract, DroppedFileLeavesTheOldOne) {
  ASSERT_TRUE(store("kept", "old"));
  {
    Result<StagedFile> file = create("kept");
    ASSERT_TRUE(file);
    ASSERT_TRUE(write(*file, some_bytes(30'000, 2)));
  }
  EXPECT_TRUE(holds(content_of("kept"), "old"));
}

TEST_P(Contract, ReaderKeepsItsVersionWhileAnotherIsCommitted) {
  const std::string old_text = some_bytes(60'000, 3);
  ASSERT_TRUE(store("replaced", old_text));
  Result<File> reader = open("replaced");
  ASSERT_TRUE(reader);
  const Result<Bytes> begin = loop().run(reader->read(0, 100));
  ASSERT_TRUE(begin);
  Result<StagedFile> file = create("replaced");
  ASSERT_TRUE(file);
  ASSERT_TRUE(write(*file, "new"));
  Started commit(loop(), file->commit());
  if (!place().makes_commits_wait()) {
    ASSERT_TRUE(commit.wait());
  }
  EXPECT_TRUE(holds(read_all(*reader), old_text));
  EXPECT_EQ(reader->info().size, old_text.size());
  if (place().makes_commits_wait()) {
    loop().turn();
    EXPECT_FALSE(commit.has_ended());
    reader = Error::closed;
    ASSERT_TRUE(commit.wait());
  }
  EXPECT_TRUE(file->replaced());
  EXPECT_TRUE(holds(content_of("replaced"), "new"));
}

TEST_P(Contract, LastOfTwoCommitsWins) {
  const std::string first_text = some_bytes(20'000, 10);
  const std::string second_text = some_bytes(20'000, 11);
  Result<StagedFile> first = create("raced");
  Result<StagedFile> second = create("raced");
  ASSERT_TRUE(first && second);
  for (std::size_t at = 0; at < 20'000; at += 2000) {
    ASSERT_TRUE(write(*first, first_text.substr(at, 2000)));
    ASSERT_TRUE(write(*second, second_text.substr(at, 2000)));
  }
  ASSERT_TRUE(loop().run(second->commit()));
  EXPECT_FALSE(second->replaced());
  EXPECT_TRUE(holds(content_of("raced"), second_text));
  ASSERT_TRUE(loop().run(first->commit()));
  EXPECT_TRUE(first->replaced());
  EXPECT_TRUE(holds(content_of("raced"), first_text));
}

TEST_P(Contract, MissingFoldersAreMade) {
  EXPECT_TRUE(holds(store("a/b/c/d.txt", "deep"), false));
  EXPECT_TRUE(holds(store("a/b/e.txt", "beside"), false));
  EXPECT_TRUE(holds(content_of("a/b/c/d.txt"), "deep"));
  EXPECT_TRUE(holds(content_of("a/b/e.txt"), "beside"));
}

TEST_P(Contract, FolderIsNoFile) {
  ASSERT_TRUE(store("folder/file", "x"));
  EXPECT_EQ(error_of(open("folder")), Error::not_found);
  EXPECT_EQ(error_of(create("folder")), Error::conflict);
  EXPECT_EQ(error_of(create("folder/file/below")), Error::conflict);
  EXPECT_EQ(error_of(open("folder/file/below")), Error::not_found);
}

TEST_P(Contract, NameTakenByAFolderMeanwhileIsAConflict) {
  Result<StagedFile> file = create("name");
  ASSERT_TRUE(file);
  ASSERT_TRUE(store("name/below", "x"));
  EXPECT_EQ(error_of(loop().run(file->commit())), Error::conflict);
  EXPECT_TRUE(holds(content_of("name/below"), "x"));
}

TEST_P(Contract, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(error_of(open("nothing")), Error::not_found);
  EXPECT_EQ(error_of(open("no/such/folder")), Error::not_found);
}

TEST_P(Contract, RefusesBadPaths) {
  for (const std::string_view path :
       {"", "/a", "a/", "a//b", "../a", "a/../b", ".", "a\\b", ".wherry/staging/x", "a/.WHERRY"}) {
    EXPECT_EQ(error_of(open(path)), Error::bad_path) << path;
    EXPECT_EQ(error_of(create(path)), Error::bad_path) << path;
  }
}

TEST_P(Contract, ReadsAtAnyOffset) {
  const std::string text = some_bytes(10'000, 8);
  ASSERT_TRUE(store("offsets", text));
  Result<File> file = open("offsets");
  ASSERT_TRUE(file);
  for (const std::size_t offset : {9'999u, 0u, 5'000u, 4'999u, 1'087u, 10'000u, 20'000u, 1u}) {
    const Result<Bytes> bytes = loop().run(file->read(offset, 64));
    ASSERT_TRUE(bytes);
    const std::string expected = offset < text.size() ? text.substr(offset, 64) : "";
    EXPECT_EQ(as_text(*bytes), std::string_view(expected).substr(0, bytes->size())) << offset;
    EXPECT_EQ(bytes->empty(), expected.empty());
  }
}

TEST_P(Contract, SendsARangeToASink) {
  const std::string text = some_bytes(300'000, 9);
  ASSERT_TRUE(store("sent", text));
  Result<File> file = open("sent");
  ASSERT_TRUE(file);
  for (const auto& [offset, size] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 300'000}, {0, 0}, {1, 1}, {4'095, 2}, {299'999, 1}, {1'000, 250'000}}) {
    TextSink sink;
    ASSERT_TRUE(loop().run(file->send_to(loop().context(), sink, offset, size)));
    EXPECT_TRUE(sink.text() == text.substr(offset, size)) << offset;
    EXPECT_EQ(sink.sent_bytes(), size);
  }
}

TEST_P(Contract, SendEndsWithTheSinksError) {
  ASSERT_TRUE(store("sent", some_bytes(30'000, 9)));
  Result<File> file = open("sent");
  ASSERT_TRUE(file);
  TextSink sink;
  sink.fail_with(Error::timed_out);
  EXPECT_EQ(error_of(loop().run(file->send_to(loop().context(), sink, 0, 30'000))),
            Error::timed_out);
}

TEST_P(Contract, SendPastTheEndFails) {
  ASSERT_TRUE(store("short", some_bytes(5'000, 9)));
  Result<File> file = open("short");
  ASSERT_TRUE(file);
  TextSink sink;
  EXPECT_EQ(error_of(loop().run(file->send_to(loop().context(), sink, 0, 5'001))),
            Error::disk_failed);
  EXPECT_EQ(sink.text().size(), 5'000u);
}

TEST_P(Contract, CancelledSendLeavesTheFileUsable) {
  const std::string text = some_bytes(30'000, 12);
  ASSERT_TRUE(store("cancelled", text));
  Result<File> file = open("cancelled");
  ASSERT_TRUE(file);
  {
    TextSink sink;
    sink.hold(true);
    Started send(loop(), file->send_to(loop().context(), sink, 0, 30'000));
    ASSERT_TRUE(loop().run_until([&] { return sink.is_waiting(); }));
  }
  EXPECT_TRUE(holds(read_all(*file), text));
}

TEST_P(Contract, MeasuresHowFullItIs) {
  const Result<Space> before = loop().run(storage().measure());
  ASSERT_TRUE(before && before->free_bytes);
  EXPECT_GT(before->total_bytes, 1'000'000u);
  EXPECT_LE(*before->free_bytes, before->total_bytes);
  ASSERT_TRUE(store("file", some_bytes(300'000, 1)));
  const Result<Space> after = loop().run(storage().measure());
  ASSERT_TRUE(after && after->free_bytes);
  EXPECT_EQ(after->total_bytes, before->total_bytes);
  if (!place().has_its_own_medium()) return;
  EXPECT_LE(*after->free_bytes, *before->free_bytes - 300'000);
  EXPECT_GT(*after->free_bytes, *before->free_bytes - 330'000);
  for (unsigned i = 0; i < 10; ++i) ASSERT_TRUE(store("file", some_bytes(300'000, i)));
  const Result<Space> replaced = loop().run(storage().measure());
  ASSERT_TRUE(replaced && replaced->free_bytes);
  EXPECT_EQ(*replaced->free_bytes, *after->free_bytes);
}

TEST_P(Contract, MeasuresForSeveralOfWhomSomeLeave) {
  Started first(loop(), storage().measure());
  std::optional<Started<Storage::Measure>> second(std::in_place, loop(), storage().measure());
  Started third(loop(), storage().measure());
  second.reset();
  EXPECT_TRUE(first.wait());
  EXPECT_TRUE(third.wait());
  {
    const Started nobody_waits(loop(), storage().measure());
  }
  EXPECT_TRUE(loop().run(storage().measure()));
}

/// Remembers the slots of which it was told.
class SlotsSink final : public StatusSink {
 public:
  std::string slots;  // "used 1 peak 2 limit 8 "

 private:
  void section(const char*) noexcept override { ADD_FAILURE() << "the caller's section goes on"; }
  void item(const char* name) noexcept override { item_ = name; }
  void number(const char* name, std::uint64_t value, Kind) noexcept override {
    if (item_ == "slots") slots += std::string(name) + ' ' + std::to_string(value) + ' ';
  }
  void text(const char*, const char*) noexcept override {}

  std::string item_;
};

TEST_P(Contract, TellsOfItsSlots) {
  ASSERT_TRUE(store("a", "x"));
  ASSERT_TRUE(loop().run_until([&] { return place().slots_in_use() == 0; }));
  {
    const Result<File> first = open("a");
    const Result<File> second = open("a");
    ASSERT_TRUE(first && second);
    SlotsSink sink;
    storage().report(sink);
    EXPECT_EQ(sink.slots, "used 2 peak 2 limit 8 ");
  }
  ASSERT_TRUE(loop().run_until([&] { return place().slots_in_use() == 0; }));
  SlotsSink sink;
  storage().report(sink);
  EXPECT_EQ(sink.slots, "used 0 peak 2 limit 8 ");
}

TEST_P(Contract, SlotsRunOutAndComeBack) {
  ASSERT_TRUE(store("a", "x"));
  std::vector<File> files;
  for (std::uint32_t i = 0; i < kSlots; ++i) {
    ASSERT_TRUE(loop().run_until([&] { return place().slots_in_use() == i; }));
    Result<File> file = open("a");
    ASSERT_TRUE(file);
    files.push_back(std::move(*file));
  }
  EXPECT_EQ(error_of(open("a")), Error::busy);
  EXPECT_EQ(error_of(create("b")), Error::busy);
  files.pop_back();
  EXPECT_TRUE(open("a"));
}

TEST_P(Contract, ExpectedSizeThatCannotFitIsRefusedAtOnce) {
  const CreateOptions options{.expected_size = std::uint64_t{1} << 62};
  EXPECT_EQ(error_of(create("huge", options)), Error::no_space);
  EXPECT_TRUE(create("small", CreateOptions{.expected_size = 10}));
}

TEST_P(Contract, OperationsDroppedAtOnceLeaveNothing) {
  ASSERT_TRUE(store("a", "old"));
  for (int i = 0; i < 20; ++i) {
    {
      const Started open(loop(), storage().open("a"));
    }
    {
      const Started create(loop(), storage().create("new"));
    }
    loop().run_until([this] { return place().slots_in_use() == 0; });
  }
  EXPECT_EQ(error_of(open("new")), Error::not_found);
}

TEST_P(Contract, StagedFileDroppedDuringItsCommitIsWholeOrNothing) {
  const std::string text = some_bytes(20'000, 4);
  for (int turns = 0; turns < 6; ++turns) {
    {
      Result<StagedFile> file = create("dropped");
      ASSERT_TRUE(file);
      ASSERT_TRUE(write(*file, text));
      const Started commit(loop(), file->commit());
      for (int i = 0; i < turns; ++i) loop().turn();
    }
    ASSERT_TRUE(loop().run_until([this] { return place().slots_in_use() == 0; }));
    const Result<std::string> content = content_of("dropped");
    if (content) {
      EXPECT_TRUE(holds(content, text));
    } else {
      EXPECT_EQ(content.error(), Error::not_found);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(BackEnds, Contract, ::testing::ValuesIn(kBackEnds), name_of);

}  // namespace
}  // namespace wherry::storage
