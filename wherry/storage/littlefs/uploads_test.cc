// SPDX-License-Identifier: MIT
// Uploads that are gone on with: who waits for them, and a storage that has none.
#include <gtest/gtest.h>

#include "wherry/storage/littlefs/ram_storage_for_test.h"

namespace wherry::storage::littlefs {
namespace {

constexpr std::string_view kUpload = ".wherry/uploads/0a1b";

class UploadsTest : public ::testing::Test {
 protected:
  Storage& storage() { return ram_.storage(); }
  Result<StagedFile> go_on(std::uint64_t size) {
    return loop_.run(storage().create(kUpload, {.scope = Scope::uploads, .resume_at = size}));
  }
  Result<> keep(StagedFile& file, std::string_view text) {
    if (const Result<> written = loop_.run(file.write(as_bytes(text))); !written) return written;
    return loop_.run(file.sync());
  }

  TestLoop loop_;
  RamStorage ram_{{}, {.uploads = &Writer::kUploads}};
};

TEST_F(UploadsTest, CommitWaitsForReadersOfItsTargetAndNobodyElseGoesOnMeanwhile) {
  ASSERT_TRUE(put(loop_, storage(), "file", "old"));
  std::optional<File> reader;
  {
    Result<File> opened = loop_.run(storage().open("file"));
    ASSERT_TRUE(opened);
    reader.emplace(std::move(*opened));
  }
  Result<StagedFile> file = go_on(0);
  ASSERT_TRUE(file && keep(*file, "new"));
  Started commit(loop_, file->commit({.path = "file"}));
  while (loop_.turn()) {
  }
  EXPECT_FALSE(commit.has_ended());
  EXPECT_EQ(error_of(go_on(3)), Error::busy);
  reader.reset();
  EXPECT_TRUE(commit.wait());
  EXPECT_TRUE(file->replaced());
  EXPECT_EQ(error_of(go_on(3)), Error::not_found);
}

TEST_F(UploadsTest, CommitThatIsGivenUpLeavesTheUpload) {
  ASSERT_TRUE(put(loop_, storage(), "file", "old"));
  Result<File> reader = loop_.run(storage().open("file"));
  ASSERT_TRUE(reader);
  {
    Result<StagedFile> file = go_on(0);
    ASSERT_TRUE(file && keep(*file, "new"));
    const Started given_up(loop_, file->commit({.path = "file"}));
  }
  Result<StagedFile> file = go_on(3);
  ASSERT_TRUE(file);
  EXPECT_TRUE(loop_.run(file->commit({.path = "another"})));
}

TEST_F(UploadsTest, RemovalWaitsUntilTheUploadIsClosed) {
  std::optional<StagedFile> file;
  {
    Result<StagedFile> made = go_on(0);
    ASSERT_TRUE(made && keep(*made, "text"));
    file.emplace(std::move(*made));
  }
  Started removal(loop_, storage().remove(kUpload, {.scope = Scope::uploads}));
  while (loop_.turn()) {
  }
  EXPECT_FALSE(removal.has_ended());
  file.reset();
  EXPECT_TRUE(removal.wait());
  EXPECT_EQ(error_of(go_on(4)), Error::not_found);
}

TEST_F(UploadsTest, FullMediumKeepsWhatWasKept) {
  const std::string piece = some_bytes(4'000, 1);
  std::uint64_t kept = 0;
  {
    Result<StagedFile> file = go_on(0);
    ASSERT_TRUE(file);
    Result<> step = {};
    while ((step = keep(*file, piece))) kept += piece.size();
    EXPECT_EQ(step.error(), Error::no_space);
  }
  EXPECT_GT(kept, 100'000u);
  Result<StagedFile> file = go_on(kept);
  ASSERT_TRUE(file);
  EXPECT_TRUE(loop_.run(file->commit({.path = "file"})));
}

TEST(Uploads, StorageWithoutThemSaysSo) {
  TestLoop loop;
  RamStorage ram;
  Storage& storage = ram.storage();
  const auto is_refused = [](const auto& result) {
    return error_of(result) == Error::not_implemented;
  };
  EXPECT_TRUE(is_refused(loop.run(storage.open(kUpload, Scope::uploads))));
  EXPECT_TRUE(
      is_refused(loop.run(storage.create(kUpload, {.scope = Scope::uploads, .resume_at = 0}))));
  EXPECT_TRUE(is_refused(loop.run(storage.list(kUploadsFolder, {}, Scope::uploads))));
  EXPECT_TRUE(is_refused(loop.run(storage.remove(kUpload, {.scope = Scope::uploads}))));
}

}  // namespace
}  // namespace wherry::storage::littlefs
