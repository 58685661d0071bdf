// SPDX-License-Identifier: MIT
// The storage contract, asked of every back end in the same words: versions, commits with
// conditions, removals and moves.
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "wherry/storage/contract_for_test.h"

namespace wherry::storage {
namespace {

constexpr Expected kNothing{Expected::Kind::nothing};
constexpr Expected kFile{Expected::Kind::file};
constexpr Expected version(std::uint64_t version) { return {Expected::Kind::version, version}; }

class ChangeContract : public Contract {
 protected:
  Result<StagedFile> staged(std::string_view path, std::string_view text) {
    Result<StagedFile> file = create(path);
    if (!file) return file.error();
    if (const Result<> written = write(*file, text); !written) return written.error();
    return file;
  }
  /// Stores a file whole. Returns: its version.
  Result<std::uint64_t> commit(std::string_view path, std::string_view text,
                               const CommitOptions& options = {}) {
    Result<StagedFile> file = staged(path, text);
    if (!file) return file.error();
    const Result<> committed = loop().run(file->commit(options));
    if (!committed) return committed.error();
    return file->version();
  }
  FileInfo info_of(std::string_view path) {
    const Result<File> file = open(path);
    EXPECT_TRUE(file) << path;
    return file ? file->info() : FileInfo();
  }
  Error remove(std::string_view path, const RemoveOptions& options = {}) {
    return error_of(loop().run(storage().remove(path, options)));
  }
  Error move(std::string_view from, std::string_view to, const MoveOptions& options = {}) {
    return error_of(loop().run(storage().move(from, to, options)));
  }
  bool is_there(std::string_view path) { return static_cast<bool>(open(path)); }
};

// ---------------------------------------------------------------- versions

TEST_P(ChangeContract, CommitTellsTheVersionThatIsOpened) {
  const Result<std::uint64_t> committed = commit("a", "text");
  ASSERT_TRUE(committed);
  EXPECT_NE(*committed, 0u);
  EXPECT_EQ(info_of("a").version, *committed);
  EXPECT_EQ(info_of("a").version, *committed);
}

TEST_P(ChangeContract, NoTwoCommitsHaveOneVersion) {
  std::set<std::uint64_t> versions;
  for (int i = 0; i < 100; ++i) {
    const Result<std::uint64_t> committed = commit("a", "same");
    ASSERT_TRUE(committed);
    EXPECT_TRUE(versions.insert(*committed).second) << i;
    EXPECT_EQ(info_of("a").version, *committed);
  }
}

TEST_P(ChangeContract, VersionIsNewAfterRemovalToo) {
  const Result<std::uint64_t> first = commit("a", "same");
  ASSERT_EQ(remove("a"), Error::none);
  const Result<std::uint64_t> second = commit("a", "same");
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
}

TEST_P(ChangeContract, ReaderKeepsTheVersionThatItOpened) {
  if (place().makes_commits_wait()) return;
  const Result<std::uint64_t> first = commit("a", "first");
  const Result<File> file = open("a");
  ASSERT_TRUE(first && file);
  ASSERT_TRUE(commit("a", "second"));
  EXPECT_EQ(file->info().version, *first);
  EXPECT_NE(info_of("a").version, *first);
}

TEST_P(ChangeContract, KeepsTheChecksumThatTheCommitWasTold) {
  for (const std::uint32_t crc32 : {0u, 1u, 0xFFFF'FFFFu}) {
    ASSERT_TRUE(commit("a", "text", {.crc32 = crc32}));
    EXPECT_EQ(info_of("a").crc32, crc32);
  }
  ASSERT_TRUE(commit("a", "text"));
  EXPECT_EQ(info_of("a").crc32, std::nullopt);
}

// ---------------------------------------------------------------- commits with conditions

TEST_P(ChangeContract, CommitThatExpectsNothingReplacesNoFile) {
  EXPECT_TRUE(commit("a", "old", {.expected = kNothing}));
  EXPECT_EQ(error_of(commit("a", "new", {.expected = kNothing})), Error::precondition_failed);
  EXPECT_TRUE(holds(content_of("a"), "old"));
}

TEST_P(ChangeContract, CommitThatExpectsAFileMakesNone) {
  EXPECT_EQ(error_of(commit("made/a", "new", {.expected = kFile})), Error::precondition_failed);
  EXPECT_EQ(error_of(open("made/a")), Error::not_found);
  EXPECT_EQ(error_of(loop().run(storage().list("made"))), Error::not_found) << "a folder remained";
  ASSERT_TRUE(commit("a", "old"));
  EXPECT_TRUE(commit("a", "new", {.expected = kFile}));
  EXPECT_TRUE(holds(content_of("a"), "new"));
}

TEST_P(ChangeContract, CommitThatExpectsAVersionReplacesThatAlone) {
  const Result<std::uint64_t> first = commit("a", "first");
  ASSERT_TRUE(first);
  const Result<std::uint64_t> second = commit("a", "second", {.expected = version(*first)});
  ASSERT_TRUE(second);
  EXPECT_EQ(error_of(commit("a", "third", {.expected = version(*first)})),
            Error::precondition_failed);
  EXPECT_EQ(error_of(commit("a", "third", {.expected = version(0)})), Error::precondition_failed);
  EXPECT_EQ(error_of(commit("none", "third", {.expected = version(*second)})),
            Error::precondition_failed);
  EXPECT_TRUE(holds(content_of("a"), "second"));
  EXPECT_FALSE(is_there("none"));
  EXPECT_TRUE(commit("a", "third", {.expected = version(*second)}));
}

TEST_P(ChangeContract, OfTwoWhoSawTheSameTheSecondIsRefused) {
  const Result<std::uint64_t> seen = commit("a", "seen");
  ASSERT_TRUE(seen);
  Result<StagedFile> first = staged("a", "first");
  Result<StagedFile> second = staged("a", "second");
  ASSERT_TRUE(first && second);
  Started one(loop(), first->commit({.expected = version(*seen)}));
  Started other(loop(), second->commit({.expected = version(*seen)}));
  const Error ends[] = {error_of(one.wait()), error_of(other.wait())};
  const bool first_won = ends[0] == Error::none;
  EXPECT_EQ(ends[first_won ? 1 : 0], Error::precondition_failed);
  EXPECT_EQ(ends[first_won ? 0 : 1], Error::none);
  EXPECT_TRUE(holds(content_of("a"), first_won ? "first" : "second"));
}

TEST_P(ChangeContract, FolderThereIsAConflictWhateverIsExpected) {
  Result<StagedFile> anything = staged("a", "x");
  Result<StagedFile> nothing = staged("a", "x");
  ASSERT_TRUE(anything && nothing);
  ASSERT_TRUE(store("a/below", "x"));
  EXPECT_EQ(error_of(loop().run(anything->commit())), Error::conflict);
  EXPECT_EQ(error_of(loop().run(nothing->commit({.expected = kNothing}))), Error::conflict);
  EXPECT_TRUE(is_there("a/below"));
}

// ---------------------------------------------------------------- removals

TEST_P(ChangeContract, RemovedFileIsNotFound) {
  ASSERT_TRUE(store("folder/a", "x"));
  ASSERT_TRUE(store("folder/b", "x"));
  EXPECT_EQ(remove("folder/a"), Error::none);
  EXPECT_FALSE(is_there("folder/a"));
  EXPECT_TRUE(is_there("folder/b"));
  EXPECT_EQ(remove("folder/a"), Error::not_found);
  EXPECT_EQ(remove("nothing/a"), Error::not_found);
  EXPECT_EQ(remove("folder/b/below"), Error::not_found);
}

TEST_P(ChangeContract, RemovalGoesByWhatIsExpected) {
  const Result<std::uint64_t> first = commit("a", "first");
  const Result<std::uint64_t> second = commit("a", "second");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(remove("a", {.expected = version(*first)}), Error::precondition_failed);
  EXPECT_EQ(remove("a", {.expected = kNothing}), Error::precondition_failed);
  EXPECT_TRUE(holds(content_of("a"), "second"));
  EXPECT_EQ(remove("a", {.expected = version(*second)}), Error::none);
  EXPECT_EQ(remove("a", {.expected = version(*second)}), Error::not_found);
  ASSERT_TRUE(store("a", "third"));
  EXPECT_EQ(remove("a", {.expected = kFile}), Error::none);
}

TEST_P(ChangeContract, FolderThatIsNotEmptyGoesOnlyWithAllThatIsInIt) {
  for (const char* path : {"folder/a", "folder/b/c", "folder/b/d/e", "folder b", "folders/a"}) {
    ASSERT_TRUE(store(path, "x"));
  }
  EXPECT_EQ(remove("folder"), Error::not_empty);
  EXPECT_EQ(remove("folder/b"), Error::not_empty);
  EXPECT_TRUE(is_there("folder/b/d/e"));
  EXPECT_EQ(remove("folder", {.expected = kFile, .recursive = true}), Error::precondition_failed);
  EXPECT_EQ(remove("folder", {.recursive = true}), Error::none);
  for (const char* path : {"folder/a", "folder/b/c", "folder/b/d/e"}) EXPECT_FALSE(is_there(path));
  EXPECT_EQ(error_of(loop().run(storage().list("folder"))), Error::not_found);
  for (const char* path : {"folder b", "folders/a"}) EXPECT_TRUE(is_there(path));
  EXPECT_EQ(remove("folder", {.recursive = true}), Error::not_found);
  EXPECT_TRUE(store("folder", "a file now"));
  EXPECT_EQ(remove("folder", {.recursive = true}), Error::none);
  EXPECT_FALSE(is_there("folder"));
}

TEST_P(ChangeContract, ReaderKeepsWhatIsRemoved) {
  if (place().makes_commits_wait()) return;
  const std::string text = some_bytes(30'000, 1);
  ASSERT_TRUE(store("folder/a", text));
  Result<File> file = open("folder/a");
  ASSERT_TRUE(file);
  EXPECT_EQ(remove("folder", {.recursive = true}), Error::none);
  EXPECT_FALSE(is_there("folder/a"));
  EXPECT_TRUE(holds(read_all(*file), text));
}

TEST_P(ChangeContract, UploadIntoARemovedFolderMakesItAgain) {
  ASSERT_TRUE(store("folder/sub/a", "x"));
  Result<StagedFile> file = staged("folder/sub/b", "new");
  ASSERT_TRUE(file);
  EXPECT_EQ(remove("folder", {.recursive = true}), Error::none);
  EXPECT_TRUE(loop().run(file->commit()));
  EXPECT_TRUE(holds(content_of("folder/sub/b"), "new"));
  EXPECT_FALSE(is_there("folder/sub/a"));
}

TEST_P(ChangeContract, RootAndBadPathsAreNotChanged) {
  ASSERT_TRUE(store("a", "x"));
  for (const std::string_view path :
       {"", "/", ".", "..", "../a", "a/", ".wherry", ".wherry/staging", "a\\b", "a\n"}) {
    EXPECT_EQ(remove(path, {.recursive = true}), Error::bad_path) << path;
    EXPECT_EQ(move(path, "b"), Error::bad_path) << path;
    EXPECT_EQ(move("a", path), Error::bad_path) << path;
  }
  EXPECT_TRUE(is_there("a"));
}

// ---------------------------------------------------------------- moves

TEST_P(ChangeContract, MovedFileKeepsWhatIsKnownOfIt) {
  const std::string text = some_bytes(20'000, 2);
  const Result<std::uint64_t> committed = commit("a", text, {.crc32 = 77u});
  ASSERT_TRUE(committed);
  const FileInfo before = info_of("a");
  EXPECT_EQ(move("a", "made/on the way/b"), Error::none);
  EXPECT_FALSE(is_there("a"));
  EXPECT_TRUE(holds(content_of("made/on the way/b"), text));
  const FileInfo after = info_of("made/on the way/b");
  EXPECT_EQ(after.version, *committed);
  EXPECT_EQ(after.crc32, 77u);
  EXPECT_EQ(after.modified_s, before.modified_s);
}

TEST_P(ChangeContract, MoveReplacesAFileOnlyIfItMay) {
  ASSERT_TRUE(store("a", "a"));
  ASSERT_TRUE(store("b", "b"));
  EXPECT_EQ(move("a", "b"), Error::exists);
  EXPECT_TRUE(holds(content_of("a"), "a"));
  EXPECT_TRUE(holds(content_of("b"), "b"));
  EXPECT_EQ(move("a", "b", {.replaces = true}), Error::none);
  EXPECT_FALSE(is_there("a"));
  EXPECT_TRUE(holds(content_of("b"), "a"));
}

TEST_P(ChangeContract, MoveGoesByWhatIsExpectedOfTheSource) {
  const Result<std::uint64_t> first = commit("a", "first");
  const Result<std::uint64_t> second = commit("a", "second");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(move("a", "b/c", {.expected = version(*first)}), Error::precondition_failed);
  EXPECT_EQ(error_of(loop().run(storage().list("b"))), Error::not_found) << "a folder remained";
  EXPECT_EQ(move("none", "b", {.expected = kFile}), Error::not_found);
  EXPECT_EQ(move("a", "b", {.expected = version(*second)}), Error::none);
  EXPECT_TRUE(holds(content_of("b"), "second"));
}

TEST_P(ChangeContract, MovedFolderTakesAllThatIsInItAlong) {
  for (const char* path : {"from/a", "from/b/c", "from b", "fro"}) ASSERT_TRUE(store(path, path));
  EXPECT_EQ(move("from", "to/new"), Error::none);
  EXPECT_FALSE(is_there("from/a"));
  EXPECT_TRUE(holds(content_of("to/new/a"), "from/a"));
  EXPECT_TRUE(holds(content_of("to/new/b/c"), "from/b/c"));
  EXPECT_TRUE(is_there("from b"));
  EXPECT_TRUE(is_there("fro"));
  EXPECT_EQ(error_of(loop().run(storage().list("from"))), Error::not_found);
}

TEST_P(ChangeContract, MovesThatCannotBeAreConflictsAndLeaveNothing) {
  for (const char* path : {"folder/a", "other/b", "file"}) ASSERT_TRUE(store(path, path));
  for (const bool replaces : {false, true}) {
    const MoveOptions options{.replaces = replaces};
    EXPECT_EQ(move("folder", "folder/below", options), Error::conflict) << "into itself";
    EXPECT_EQ(move("folder", "folder/x/y/z", options), Error::conflict) << "into itself";
    EXPECT_EQ(move("folder", "other", options), Error::conflict) << "onto a folder";
    EXPECT_EQ(move("folder", "file", options), Error::conflict) << "a folder onto a file";
    EXPECT_EQ(move("file", "folder", options), Error::conflict) << "onto a folder";
    EXPECT_EQ(move("folder/a", "folder", options), Error::conflict) << "onto its own folder";
    EXPECT_EQ(move("folder/a", "file/below", options), Error::conflict) << "a file on the way";
    EXPECT_EQ(move("folder", "folder", options), Error::conflict) << "a folder onto itself";
    EXPECT_EQ(move("nothing", "new/made", options), Error::not_found);
  }
  EXPECT_EQ(move("file", "file"), Error::exists);
  EXPECT_EQ(move("file", "file", {.replaces = true}), Error::none);
  for (const char* path : {"folder/a", "other/b", "file"}) {
    EXPECT_TRUE(holds(content_of(path), path));
  }
  EXPECT_EQ(error_of(loop().run(storage().list("new"))), Error::not_found);
  EXPECT_EQ(error_of(loop().run(storage().list("folder/x"))), Error::not_found);
}

// ---------------------------------------------------------------- dropped

TEST_P(ChangeContract, DroppedChangesHappenWholeOrNotAtAll) {
  for (int turns = 0; turns < 6; ++turns) {
    ASSERT_TRUE(store("a/file", "x"));
    {
      const Started change(loop(), storage().move("a", "b"));
      for (int i = 0; i < turns; ++i) loop().turn();
    }
    ASSERT_TRUE(loop().run_until([this] { return place().slots_in_use() == 0; }));
    EXPECT_NE(is_there("a/file"), is_there("b/file"));
    {
      const Started change(loop(), storage().remove("b", {.recursive = true}));
      for (int i = 0; i < turns; ++i) loop().turn();
    }
    ASSERT_TRUE(loop().run_until([this] { return place().slots_in_use() == 0; }));
    static_cast<void>(remove("a", {.recursive = true}));
    static_cast<void>(remove("b", {.recursive = true}));
    EXPECT_FALSE(is_there("a/file") || is_there("b/file"));
  }
}

TEST_P(ChangeContract, NeedsASlot) {
  ASSERT_TRUE(store("a", "x"));
  ASSERT_TRUE(store("b", "x"));
  ASSERT_TRUE(loop().run_until([this] { return place().slots_in_use() == 0; }));
  std::vector<File> files;
  for (std::uint32_t i = 0; i < kSlots; ++i) {
    Result<File> file = open("a");
    ASSERT_TRUE(file);
    files.push_back(std::move(*file));
  }
  EXPECT_EQ(remove("b"), Error::busy);
  EXPECT_EQ(move("b", "c"), Error::busy);
  files.clear();
  ASSERT_TRUE(loop().run_until([this] { return place().slots_in_use() == 0; }));
  EXPECT_EQ(move("b", "c"), Error::none);
}

INSTANTIATE_TEST_SUITE_P(BackEnds, ChangeContract, ::testing::ValuesIn(kBackEnds), name_of);

}  // namespace
}  // namespace wherry::storage
