// SPDX-License-Identifier: MIT
// The storage contract, asked of every back end in the same words: files that are gone on with
// (Scope::uploads), made durable step by step and committed under another name.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wherry/storage/contract_for_test.h"
#include "wherry/storage/path.h"

namespace wherry::storage {
namespace {

constexpr std::string_view kUpload = ".wherry/uploads/0a1b";
constexpr std::string_view kNote = ".wherry/uploads/0a1b.note";

class UploadContract : public Contract {
 protected:
  Result<StagedFile> go_on(std::uint64_t size, std::string_view path = kUpload) {
    return create(path, {.scope = Scope::uploads, .resume_at = size});
  }
  Result<> sync(StagedFile& file) { return loop().run(file.sync()); }
  Result<> commit(StagedFile& file, const CommitOptions& options) {
    return loop().run(file.commit(options));
  }
  /// Begins an upload anew, and keeps `text` of it.
  Result<> keep(std::string_view text, std::string_view path = kUpload) {
    Result<StagedFile> file = go_on(0, path);
    if (!file) return file.error();
    if (const Result<> written = write(*file, text); !written) return written;
    return sync(*file);
  }
  Result<std::string> content_of_upload(std::string_view path = kUpload) {
    Result<File> file = loop().run(storage().open(path, Scope::uploads));
    if (!file) return file.error();
    return read_all(*file);
  }
  Error remove(std::string_view path) {
    return error_of(loop().run(storage().remove(path, {.scope = Scope::uploads})));
  }
  std::vector<std::string> names_in(std::string_view path, Scope scope) {
    std::vector<std::string> names;
    Result<Folder> folder = loop().run(storage().list(path, {}, scope));
    EXPECT_TRUE(folder);
    if (!folder) return names;
    const Result<FolderPage> page = loop().run(folder->read());
    EXPECT_TRUE(page && page->is_last());
    if (!page) return names;
    for (std::uint32_t i = 0; i < page->count(); ++i) names.emplace_back((*page)[i].name);
    return names;
  }
};

// ---------------------------------------------------------------- going on

TEST_P(UploadContract, GoesOnBehindWhatWasKept) {
  ASSERT_TRUE(keep("hello "));
  Result<StagedFile> file = go_on(6);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 6u);
  ASSERT_TRUE(write(*file, "world"));
  EXPECT_EQ(file->size(), 11u);
  ASSERT_TRUE(commit(*file, {.path = "folder/file"}));
  EXPECT_FALSE(file->replaced());
  EXPECT_TRUE(holds(content_of("folder/file"), "hello world"));
  EXPECT_EQ(error_of(content_of_upload()), Error::not_found);
}

TEST_P(UploadContract, WhatIsBehindTheOffsetIsDropped) {
  ASSERT_TRUE(keep("hello there"));
  {
    Result<StagedFile> file = go_on(6);
    ASSERT_TRUE(file);
    ASSERT_TRUE(write(*file, "w"));
    ASSERT_TRUE(sync(*file));
  }
  EXPECT_TRUE(holds(content_of_upload(), "hello w"));
}

TEST_P(UploadContract, OffsetThatWasNeverReachedIsNotFound) {
  EXPECT_EQ(error_of(go_on(1)), Error::not_found);
  EXPECT_EQ(error_of(content_of_upload()), Error::not_found) << "it was made";
  ASSERT_TRUE(keep("12345"));
  EXPECT_EQ(error_of(go_on(6)), Error::not_found);
  EXPECT_TRUE(holds(content_of_upload(), "12345"));
  EXPECT_TRUE(go_on(5));
}

TEST_P(UploadContract, BeginsAnew) {
  ASSERT_TRUE(keep(some_bytes(30'000, 1)));
  ASSERT_TRUE(keep(""));
  EXPECT_TRUE(holds(content_of_upload(), ""));
  ASSERT_TRUE(keep("new"));
  EXPECT_TRUE(holds(content_of_upload(), "new"));
}

TEST_P(UploadContract, OneAtATimeHasIt) {
  ASSERT_TRUE(keep("12345"));
  {
    Result<StagedFile> file = go_on(5);
    ASSERT_TRUE(file);
    EXPECT_EQ(error_of(go_on(0)), Error::busy);
    EXPECT_TRUE(go_on(0, ".wherry/uploads/other"));
  }
  EXPECT_TRUE(holds(content_of_upload(), "12345"));
  EXPECT_TRUE(go_on(5));
}

TEST_P(UploadContract, GrowsByPiecesOfAnySize) {
  const std::string text = some_bytes(60'000, 2);
  std::size_t kept = 0;
  for (const std::size_t size : {0u, 1u, 6u, 7u, 500u, 2112u, 4000u, 8192u, 13'000u, 30'000u}) {
    Result<StagedFile> file = go_on(kept);
    ASSERT_TRUE(file) << kept;
    for (int i = 0; i < 2 && kept < text.size(); ++i) {
      const std::string_view piece = std::string_view(text).substr(kept, size);
      ASSERT_TRUE(write(*file, piece));
      ASSERT_TRUE(sync(*file));
      ASSERT_TRUE(sync(*file)) << "with nothing to do";
      kept += piece.size();
    }
    EXPECT_EQ(file->size(), kept);
    EXPECT_TRUE(loop().run(file->write(as_bytes("never kept"))));
  }
  ASSERT_EQ(kept, text.size());
  Result<StagedFile> file = go_on(kept);
  ASSERT_TRUE(file);
  ASSERT_TRUE(commit(*file, {.path = "file"}));
  EXPECT_TRUE(holds(content_of("file"), text));
}

TEST_P(UploadContract, DroppedWithoutASyncKeepsWhatWasKeptBefore) {
  ASSERT_TRUE(keep("12345"));
  {
    Result<StagedFile> file = go_on(5);
    ASSERT_TRUE(file);
    ASSERT_TRUE(write(*file, some_bytes(30'000, 3)));  // jobs are under way
  }
  ASSERT_TRUE(go_on(5)) << "it was not waited for";
  EXPECT_TRUE(holds(content_of_upload(), "12345"));
}

// ---------------------------------------------------------------- operations that are given up

TEST_P(UploadContract, GivenUpWhileItIsOpened) {
  ASSERT_TRUE(keep("12345"));
  {
    const Started opening(loop(),
                          storage().create(kUpload, {.scope = Scope::uploads, .resume_at = 5}));
  }
  EXPECT_TRUE(go_on(5));
}

TEST_P(UploadContract, SyncThatIsGivenUpDoesNoHarm) {
  const std::string text = some_bytes(20'000, 4);
  Result<StagedFile> file = go_on(0);
  ASSERT_TRUE(file);
  for (std::size_t at = 0; at < text.size(); at += 2000) {
    ASSERT_TRUE(write(*file, text.substr(at, 2000)));
    {
      const Started given_up(loop(), file->sync());
    }
    if (at % 4000 == 0) {
      {
        const Started given_up_again(loop(), file->sync());
      }
      ASSERT_TRUE(sync(*file));
      if (place().makes_commits_wait()) continue;  // opens wait too, until it is closed
      EXPECT_TRUE(holds(content_of_upload(), text.substr(0, at + 2000)));
    }
  }
  {
    const Started given_up(loop(), file->sync());
  }
  ASSERT_TRUE(commit(*file, {.path = "file"}));
  EXPECT_TRUE(holds(content_of("file"), text));
}

TEST_P(UploadContract, DroppedWhileItIsSynced) {
  ASSERT_TRUE(keep("12345"));
  {
    Result<StagedFile> file = go_on(5);
    ASSERT_TRUE(file);
    ASSERT_TRUE(write(*file, some_bytes(3000, 5)));
    const Started given_up(loop(), file->sync());
  }
  EXPECT_TRUE(go_on(5));
}

// ---------------------------------------------------------------- commits

TEST_P(UploadContract, CommitTellsVersionAndKeepsTheChecksum) {
  ASSERT_TRUE(store("file", "old"));
  ASSERT_TRUE(keep("new"));
  Result<StagedFile> file = go_on(3);
  ASSERT_TRUE(file);
  ASSERT_TRUE(commit(*file, {.crc32 = 7, .path = "file"}));
  EXPECT_TRUE(file->replaced());
  const Result<File> there = open("file");
  ASSERT_TRUE(there);
  EXPECT_EQ(there->info().version, file->version());
  EXPECT_EQ(there->info().size, 3u);
  EXPECT_EQ(there->info().crc32, 7u);
}

TEST_P(UploadContract, FailedCommitLeavesTheUpload) {
  ASSERT_TRUE(store("file", "old"));
  ASSERT_TRUE(store("folder/file", "old"));
  ASSERT_TRUE(keep("new"));
  const struct {
    std::string_view path;
    Expected expected;
    Error error;
  } rows[] = {
      {"file", {Expected::Kind::nothing}, Error::precondition_failed},
      {"made/file", {Expected::Kind::file}, Error::precondition_failed},
      {"file", {Expected::Kind::version, 12345}, Error::precondition_failed},
      {"folder", {}, Error::conflict},
      {"file/below", {}, Error::conflict},
      {"..", {}, Error::bad_path},
      {kNote, {}, Error::bad_path},
  };
  for (const auto& row : rows) {
    Result<StagedFile> file = go_on(3);
    ASSERT_TRUE(file) << row.path;
    EXPECT_EQ(error_of(commit(*file, {.expected = row.expected, .path = row.path})), row.error)
        << row.path;
  }
  EXPECT_TRUE(loop().run_until([this] { return place().slots_in_use() == 0; }));
  EXPECT_EQ(names_in("", Scope::served), (std::vector<std::string>{"file", "folder"}));
  EXPECT_TRUE(holds(content_of("file"), "old"));
  Result<StagedFile> file = go_on(3);
  ASSERT_TRUE(file);
  EXPECT_TRUE(commit(*file, {.expected = {Expected::Kind::file}, .path = "file"}));
  EXPECT_TRUE(holds(content_of("file"), "new"));
}

TEST_P(UploadContract, TrialFindsOutWhatWouldBeRefusedAndMakesNothing) {
  ASSERT_TRUE(store("file", "old"));
  ASSERT_TRUE(store("folder/file", "old"));
  const auto trial = [this](std::string_view path, std::optional<std::uint64_t> size = {}) {
    return error_of(create(path, {.expected_size = size, .is_trial = true}));
  };
  EXPECT_EQ(trial("file", 1000), Error::none);
  EXPECT_EQ(trial("new"), Error::none);
  EXPECT_EQ(trial("folder/new/file", 0), Error::none);
  EXPECT_EQ(trial("folder"), Error::conflict);
  EXPECT_EQ(trial("file/below"), Error::conflict);
  EXPECT_EQ(trial("folder/file/below/it"), Error::conflict);
  EXPECT_EQ(trial(".."), Error::bad_path);
  EXPECT_EQ(trial(kUpload), Error::bad_path);
  EXPECT_EQ(trial("new", std::uint64_t{1} << 60), Error::no_space);
  EXPECT_TRUE(loop().run_until([this] { return place().slots_in_use() == 0; }));
  EXPECT_EQ(names_in("", Scope::served), (std::vector<std::string>{"file", "folder"}));
  EXPECT_TRUE(holds(content_of("file"), "old"));
}

TEST_P(UploadContract, TrialIsGivenUp) {
  {
    const Started trial(loop(), storage().create("new", {.is_trial = true}));
  }
  EXPECT_TRUE(loop().run_until([this] { return place().slots_in_use() == 0; }));
  EXPECT_EQ(names_in("", Scope::served), std::vector<std::string>());
}

TEST_P(UploadContract, RemovedUploadIsNotCommitted) {
  if (place().makes_commits_wait()) return;  // so does the removal, until it is closed
  ASSERT_TRUE(keep("text"));
  Result<StagedFile> file = go_on(4);
  ASSERT_TRUE(file);
  ASSERT_EQ(remove(kUpload), Error::none);
  EXPECT_EQ(error_of(commit(*file, {.path = "file"})), Error::not_found);
  EXPECT_EQ(error_of(open("file")), Error::not_found);
  EXPECT_EQ(error_of(content_of_upload()), Error::not_found);
}

TEST_P(UploadContract, CommittedFileIsNotTouchedByANewUploadOfTheOldName) {
  ASSERT_TRUE(keep("first"));
  {
    Result<StagedFile> file = go_on(5);
    ASSERT_TRUE(file);
    ASSERT_TRUE(commit(*file, {.path = "file"}));
  }
  ASSERT_TRUE(keep("second"));
  EXPECT_TRUE(holds(content_of("file"), "first"));
  EXPECT_TRUE(holds(content_of_upload(), "second"));
}

// ---------------------------------------------------------------- the scope

TEST_P(UploadContract, FilesInItAreWrittenWholeToo) {
  for (const std::string_view text : {"one", "the other"}) {
    Result<StagedFile> note = create(kNote, {.scope = Scope::uploads});
    ASSERT_TRUE(note);
    ASSERT_TRUE(write(*note, text));
    ASSERT_TRUE(loop().run(note->commit()));
    EXPECT_TRUE(holds(content_of_upload(kNote), text));
  }
  {
    Result<StagedFile> dropped = create(kNote, {.scope = Scope::uploads});
    ASSERT_TRUE(dropped);
    ASSERT_TRUE(write(*dropped, "never"));
  }
  EXPECT_TRUE(holds(content_of_upload(kNote), "the other"));
  EXPECT_EQ(remove(kNote), Error::none);
  EXPECT_EQ(remove(kNote), Error::not_found);
  EXPECT_EQ(error_of(content_of_upload(kNote)), Error::not_found);
}

TEST_P(UploadContract, ServedNamesNeverLeadThere) {
  ASSERT_TRUE(store("file", "x"));
  ASSERT_TRUE(keep("text"));
  ASSERT_TRUE(keep("text", kNote));
  EXPECT_EQ(error_of(open(kUpload)), Error::bad_path);
  EXPECT_EQ(error_of(create(kUpload)), Error::bad_path);
  EXPECT_EQ(error_of(loop().run(storage().list(kUploadsFolder))), Error::bad_path);
  EXPECT_EQ(error_of(loop().run(storage().remove(kUpload))), Error::bad_path);
  EXPECT_EQ(error_of(loop().run(storage().remove(kPrivateFolder, {.recursive = true}))),
            Error::bad_path);
  EXPECT_EQ(error_of(loop().run(storage().move(kUpload, "here"))), Error::bad_path);
  EXPECT_EQ(error_of(loop().run(storage().move("file", kUpload))), Error::bad_path);
  EXPECT_EQ(names_in("", Scope::served), std::vector<std::string>{"file"});
  EXPECT_EQ(names_in(kUploadsFolder, Scope::uploads),
            (std::vector<std::string>{"0a1b", "0a1b.note"}));
}

TEST_P(UploadContract, NamesInItAreFewAndPlain) {
  const std::string longest = ".wherry/uploads/" + std::string(kMaxUploadNameBytes, 'a');
  EXPECT_TRUE(keep("x", longest));
  EXPECT_TRUE(holds(content_of_upload(longest), "x"));
  for (const std::string& path :
       {longest + "a", std::string("file"), std::string(".wherry/uploads/"),
        std::string(".wherry/uploads/.a"), std::string(".wherry/uploads/a/b"),
        std::string(".wherry/uploads/A"), std::string(".wherry/staging/a")}) {
    EXPECT_EQ(error_of(go_on(0, path)), Error::bad_path) << path;
  }
}

INSTANTIATE_TEST_SUITE_P(All, UploadContract, ::testing::ValuesIn(kBackEnds), name_of);

}  // namespace
}  // namespace wherry::storage
