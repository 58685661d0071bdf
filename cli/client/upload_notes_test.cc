// SPDX-License-Identifier: MIT
#include "cli/client/upload_notes.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace wherry::cli {
namespace {

namespace fs = std::filesystem;

class UploadNotesTest : public ::testing::Test {
 protected:
  UploadNotesTest() {
    std::string text = (fs::temp_directory_path() / "notes-XXXXXX").string();
    home_ = ::mkdtemp(text.data());
    notes_folder_ = home_ / "state/wherry/uploads";
    subject_.url = "http://host/files/a";
    subject_.file = (home_ / "a").string();
    subject_.identity = {1, 2, 1'000'000, 1'234'567'890'123};
    std::ofstream(subject_.file) << "x";
  }
  ~UploadNotesTest() override { fs::remove_all(home_); }

  UploadNotes notes() const { return UploadNotes(notes_folder_.string()); }
  std::size_t count() const {
    std::error_code error;
    const fs::directory_iterator each(notes_folder_, error);
    return error ? 0 : static_cast<std::size_t>(std::distance(each, fs::directory_iterator()));
  }
  void keep() const { notes().open(subject_).keep("http://host/uploads/1", "ietf"); }

  fs::path home_;
  fs::path notes_folder_;
  UploadSubject subject_;
};

TEST_F(UploadNotesTest, WhatOneRunKeepsTheNextOneKnows) {
  EXPECT_EQ(notes().open(subject_).upload_url(), "");
  EXPECT_EQ(count(), 0u);
  keep();
  const UploadNote note = notes().open(subject_);
  EXPECT_EQ(note.upload_url(), "http://host/uploads/1");
  EXPECT_EQ(note.protocol(), "ietf");
  EXPECT_TRUE(note.is_current());
}

TEST_F(UploadNotesTest, NobodyElseMayReadThem) {
  keep();
  for (const auto& entry : fs::directory_iterator(notes_folder_)) {
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
  }
  EXPECT_EQ(fs::status(notes_folder_).permissions(), fs::perms::owner_all);
}

TEST_F(UploadNotesTest, AnotherUrlConditionOrFileIsAnotherUpload) {
  keep();
  UploadSubject other = subject_;
  other.url += "b";
  EXPECT_EQ(notes().open(other).upload_url(), "");
  other = subject_;
  other.conditions = {"If-None-Match: *"};
  EXPECT_EQ(notes().open(other).upload_url(), "");
  other = subject_;
  other.file = (home_ / "b").string();
  std::ofstream(other.file) << "x";
  EXPECT_EQ(notes().open(other).upload_url(), "");
}

TEST_F(UploadNotesTest, TheSameFileByAnotherPathIsTheSameUpload) {
  keep();
  UploadSubject other = subject_;
  other.file = (home_ / "." / "a").string();
  EXPECT_EQ(notes().open(other).upload_url(), "http://host/uploads/1");
}

TEST_F(UploadNotesTest, AFileThatWasChangedIsTold) {
  keep();
  UploadSubject other = subject_;
  other.identity.modified_ns += 1;
  EXPECT_FALSE(notes().open(other).is_current());
  other = subject_;
  other.identity.size += 1;
  const UploadNote note = notes().open(other);
  EXPECT_FALSE(note.is_current());
  EXPECT_EQ(note.upload_url(), "http://host/uploads/1");
}

TEST_F(UploadNotesTest, ANoteThatIsDroppedIsGone) {
  keep();
  notes().open(subject_).drop();
  EXPECT_EQ(count(), 0u);
  EXPECT_EQ(notes().open(subject_).upload_url(), "");
}

TEST_F(UploadNotesTest, OfTwoRunsOneHasTheNote) {
  keep();
  UploadNote first = notes().open(subject_);
  UploadNote second = notes().open(subject_);
  EXPECT_EQ(second.upload_url(), "");
  second.keep("http://host/uploads/2", "ietf");
  second.drop();
  first = UploadNote();
  EXPECT_EQ(notes().open(subject_).upload_url(), "http://host/uploads/1");
}

TEST_F(UploadNotesTest, OfTwoRunsThatBeginOneKeepsItsUpload) {
  UploadNote first = notes().open(subject_);
  UploadNote second = notes().open(subject_);
  first.keep("http://host/uploads/1", "ietf");
  second.keep("http://host/uploads/2", "ietf");
  first = UploadNote();
  second = UploadNote();
  EXPECT_EQ(notes().open(subject_).upload_url(), "http://host/uploads/1");
}

TEST_F(UploadNotesTest, WhatIsNoNoteIsNone) {
  keep();
  for (const auto& entry : fs::directory_iterator(notes_folder_)) {
    std::ofstream(entry.path(), std::ios::trunc) << "{\"url\": \"http://ho";
  }
  UploadNote note = notes().open(subject_);
  EXPECT_EQ(note.upload_url(), "");
  note.keep("http://host/uploads/3", "tus");
  note = UploadNote();
  EXPECT_EQ(notes().open(subject_).protocol(), "tus");
}

TEST_F(UploadNotesTest, ASmallFileIsNotWorthANote) {
  subject_.identity.size = 1000;
  keep();
  EXPECT_EQ(count(), 0u);
}

TEST_F(UploadNotesTest, WithoutAFolderNothingIsKept) {
  UploadNote note = UploadNotes("").open(subject_);
  note.keep("http://host/uploads/1", "ietf");
  EXPECT_EQ(note.upload_url(), "");
  EXPECT_EQ(UploadNotes("").open(subject_).upload_url(), "");
}

TEST_F(UploadNotesTest, OldOnesAreSweptUnlessARunHasThem) {
  keep();
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(24 * 31);
  for (const auto& entry : fs::directory_iterator(notes_folder_)) {
    fs::last_write_time(entry.path(), old);
  }
  {
    const UploadNote note = notes().open(subject_);
    EXPECT_EQ(note.upload_url(), "");  // opening the folder has swept it
  }
  keep();
  const UploadNote held = notes().open(subject_);
  for (const auto& entry : fs::directory_iterator(notes_folder_)) {
    fs::last_write_time(entry.path(), old);
  }
  static_cast<void>(notes());
  EXPECT_EQ(count(), 1u);
}

}  // namespace
}  // namespace wherry::cli
