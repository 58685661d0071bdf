// SPDX-License-Identifier: MIT
// Removals and moves in a folder of a Linux system: what a contract that knows no links, no mounts
// and no crash cannot ask.
#include "wherry/storage/posix/change.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <csignal>

#include "wherry/storage/posix/place_for_test.h"

namespace wherry::storage::posix {
namespace {

class Changes : public ::testing::Test {
 protected:
  Error remove(std::string_view path, const RemoveOptions& options = {}) {
    return error_of(place_.loop().run(place_.storage().remove(path, options)));
  }
  Error remove_all(std::string_view path) { return remove(path, {.recursive = true}); }
  Error move(std::string_view from, std::string_view to, const MoveOptions& options = {}) {
    return error_of(place_.loop().run(place_.storage().move(from, to, options)));
  }
  void make(const std::string& folder) { std::filesystem::create_directories(folder_ / folder); }
  void link(const std::string& to, const std::string& name) {
    ASSERT_EQ(::symlink(to.c_str(), (folder_ / name).c_str()), 0);
  }
  bool is_there(const std::string& name) {
    return std::filesystem::exists(std::filesystem::symlink_status(folder_ / name));
  }
  std::size_t debris() { return entries_in(folder_ / ".wherry/staging"); }

  const FolderForTest folder_;
  const FolderForTest outside_;
  PlaceForTest place_{folder_.path()};
};

// A chain of folders that is deeper than any path is long.
void make_chain(const std::string& top, int depth) {
  std::filesystem::create_directories(top);
  Fd folder(::open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; i < depth; ++i) {
    ASSERT_EQ(::mkdirat(folder.get(), "d", 0777), 0);
    const Fd file(::openat(folder.get(), "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
    folder = Fd(::openat(folder.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(folder);
  }
}

TEST_F(Changes, EmptyFolderGoes) {
  make("a/empty");
  EXPECT_EQ(remove("a"), Error::not_empty);
  EXPECT_EQ(remove("a/empty"), Error::none);
  EXPECT_EQ(remove("a", {.expected = {Expected::Kind::file}}), Error::precondition_failed);
  EXPECT_EQ(remove_all("a"), Error::none);
  EXPECT_FALSE(is_there("a"));
}

TEST_F(Changes, TreesOfAnyShapeAreDeleted) {
  make("a/b/c/d");
  make("a/empty/e");
  make("a/x");
  for (int i = 0; i < 300; ++i) put(folder_ / ("a/b/file" + std::to_string(i)), "x");
  link(outside_.path(), "a/b/way");
  link("nowhere", "a/b/c/dangling");
  ASSERT_EQ(::mkfifo((folder_ / "a/b/fifo").c_str(), 0666), 0);
  put(outside_ / "kept", "x");
  EXPECT_EQ(remove_all("a"), Error::none);
  EXPECT_FALSE(is_there("a"));
  EXPECT_TRUE(place_.becomes_idle());
  EXPECT_EQ(debris(), 0u);
  EXPECT_EQ(get(outside_ / "kept"), "x");
}

TEST(ChangesInMemory, TreeOfThousandsOfLevelsIsDeleted) {
  const FolderForTest folder("/dev/shm");
  PlaceForTest place(folder.path());
  make_chain(folder / "deep", 5000);
  EXPECT_TRUE(place.loop().run(place.storage().remove("deep", {.recursive = true})));
  EXPECT_FALSE(std::filesystem::exists(folder / "deep"));
  EXPECT_TRUE(place.becomes_idle());
  EXPECT_EQ(entries_in(folder / ".wherry/staging"), 0u);
}

TEST_F(Changes, LargeFolderIsGoneBeforeItIsDeleted) {
  for (int i = 0; i < 20'000; ++i) {
    make(i == 0 ? "large" : "large/d" + std::to_string(i % 50));
    put(folder_ / ("large/d" + std::to_string(i % 50) + "/" + std::to_string(i)), "");
  }
  EXPECT_EQ(remove_all("large"), Error::none);
  EXPECT_FALSE(is_there("large"));
  EXPECT_TRUE(place_.becomes_idle());
  EXPECT_EQ(debris(), 0u);
}

TEST_F(Changes, FoldersThatDenyItAreDeletedByTheirOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another";
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
  EXPECT_TRUE(passes_in_child([this] {
    const FolderForTest own(folder_.path());
    ASSERT_EQ(::chown(own.path().c_str(), 65534, 65534), 0);
    ASSERT_EQ(::setgid(65534), 0);
    ASSERT_EQ(::setuid(65534), 0);
    PlaceForTest place(own.path());
    std::filesystem::create_directories(own / "a/closed/deep");
    std::filesystem::create_directories(own / "a/b/unwritable/deep");
    put(own / "a/closed/file", "x");
    ASSERT_EQ(::chmod((own / "a/b/unwritable").c_str(), 0555), 0);
    ASSERT_EQ(::chmod((own / "a/closed").c_str(), 0), 0);
    EXPECT_EQ(error_of(place.loop().run(place.storage().remove("a", {.recursive = true}))),
              Error::none);
    EXPECT_TRUE(place.becomes_idle());
    EXPECT_EQ(entries_in(own / ".wherry/staging"), 0u);
  }));
}

TEST(ChangesOfOthers, WhoMayNotWriteMayNotRemoveOrMove) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another";
  const FolderForTest folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  for (const char* made : {"closed/empty", "open", ".wherry/staging", ".wherry/uploads"}) {
    std::filesystem::create_directories(folder / made);
  }
  put(folder / "closed/file", "x");
  put(folder / "open/file", "y");
  put(folder / ".wherry/uploads/0a1b", "z");
  for (const char* own : {".wherry", ".wherry/staging", "open", "open/file"}) {
    ASSERT_EQ(::chown((folder / own).c_str(), 65534, 65534), 0) << own;
  }
  EXPECT_TRUE(passes_in_child([&folder] {
    ASSERT_EQ(::setgid(65534), 0);
    ASSERT_EQ(::setuid(65534), 0);
    PlaceForTest place(folder.path());
    const auto error_of_removing = [&](std::string_view path, const RemoveOptions& options = {}) {
      return error_of(place.loop().run(place.storage().remove(path, options)));
    };
    const auto error_of_moving = [&](std::string_view from, std::string_view to) {
      return error_of(place.loop().run(place.storage().move(from, to, {.replaces = true})));
    };
    EXPECT_EQ(error_of_removing("closed/file"), Error::not_writable);
    EXPECT_EQ(error_of_removing("closed/empty"), Error::not_writable);
    EXPECT_EQ(error_of_removing("closed", {.recursive = true}), Error::not_writable);
    EXPECT_EQ(error_of_removing(".wherry/uploads/0a1b", {.scope = Scope::uploads}),
              Error::not_writable);
    EXPECT_EQ(error_of_moving("closed/file", "open/moved"), Error::not_writable);
    EXPECT_EQ(error_of_moving("open/file", "closed/file"), Error::not_writable);
    EXPECT_EQ(error_of_moving("open/file", "closed/new"), Error::not_writable);
    EXPECT_EQ(error_of_moving("closed", "open/closed"), Error::not_writable);
    EXPECT_EQ(error_of_removing("open/file"), Error::none);
  }));
  EXPECT_EQ(get(folder / "closed/file"), "x");
  EXPECT_EQ(entries_in(folder / "closed"), 2u);
  EXPECT_EQ(get(folder / ".wherry/uploads/0a1b"), "z");
  EXPECT_EQ(entries_in(folder / "open"), 0u);
}

TEST_F(Changes, LinksAreNeitherRemovedNorMovedNorReplaced) {
  make("folder");
  put(folder_ / "folder/file", "x");
  put(folder_ / "file", "y");
  link("folder", "way");
  link("folder/file", "link");
  link(outside_.path(), "out");
  for (const char* name : {"way", "link", "out"}) {
    EXPECT_EQ(remove_all(name), Error::conflict) << name;
    EXPECT_EQ(move(name, "moved"), Error::conflict) << name;
    EXPECT_EQ(move("file", name, {.replaces = true}), Error::conflict) << name;
    EXPECT_TRUE(is_there(name));
  }
  EXPECT_EQ(remove("out/file"), Error::not_found);
  EXPECT_EQ(move("file", "out/file"), Error::conflict);
  EXPECT_EQ(move("folder", "way/within"), Error::conflict) << "into itself, by a link";
  EXPECT_EQ(move("file", "way/made/moved"), Error::none);
  EXPECT_EQ(get(folder_ / "folder/made/moved"), "y");
  EXPECT_EQ(remove("way/file"), Error::none);
  EXPECT_FALSE(is_there("folder/file"));
  EXPECT_EQ(entries_in(outside_.path()), 0u);
}

TEST_F(Changes, OneOfTwoNamesOfAFileIsMovedOverTheOther) {
  put(folder_ / "a", "x");
  ASSERT_EQ(::link((folder_ / "a").c_str(), (folder_ / "b").c_str()), 0);
  EXPECT_EQ(move("a", "b"), Error::exists);
  EXPECT_EQ(move("a", "b", {.replaces = true}), Error::none);
  EXPECT_FALSE(is_there("a"));
  EXPECT_EQ(get(folder_ / "b"), "x");
}

TEST_F(Changes, UploadIntoAFolderThatIsMovedMeanwhileIsWhereItsPathSays) {
  make("a");
  Result<StagedFile> file = place_.create("a/new");
  ASSERT_TRUE(file);
  EXPECT_EQ(move("a", "b"), Error::none);
  EXPECT_TRUE(place_.commit(*file));
  EXPECT_TRUE(is_there("a/new"));
  EXPECT_EQ(entries_in(folder_ / "b"), 0u);
}

TEST_F(Changes, ReadOnlyStorageChangesNothing) {
  put(folder_ / "a", "x");
  Options options = PlaceForTest::small_options();
  options.read_only = true;
  PlaceForTest place(folder_.path(), options);
  EXPECT_EQ(error_of(place.loop().run(place.storage().remove("a"))), Error::not_writable);
  EXPECT_EQ(error_of(place.loop().run(place.storage().move("a", "b"))), Error::not_writable);
  EXPECT_TRUE(is_there("a"));
}

// ---------------------------------------------------------------- crashes

TEST(ChangesInMemory, WhatACrashLeftOfARemovedFolderIsSwept) {
  const FolderForTest folder("/dev/shm");
  make_chain(folder / "deep", 2000);
  const pid_t child = ::fork();
  if (child == 0) {
    PlaceForTest place(folder.path());
    RemovedTree tree;
    const Result<> removed = remove_name(place.root(), "deep", {.recursive = true}, tree);
    if (removed) ::kill(::getpid(), SIGKILL);  // before any of it was deleted
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_FALSE(std::filesystem::exists(folder / "deep"));
  EXPECT_EQ(entries_in(folder / ".wherry/staging"), 1u);
  ASSERT_TRUE(Root::open(folder.path().c_str(), {}));
  EXPECT_EQ(entries_in(folder / ".wherry/staging"), 0u);
}

TEST(ChangesInMemory, EndOfTheStorageLeavesTheRestToTheNextStart) {
  const FolderForTest folder("/dev/shm");
  PlaceForTest place(folder.path());
  make_chain(folder / "deep", 5000);
  {
    const Started removal(place.loop(), place.storage().remove("deep", {.recursive = true}));
  }
  place.destroy_storage();
  EXPECT_FALSE(std::filesystem::exists(folder / "deep"));
  EXPECT_LE(entries_in(folder / ".wherry/staging"), 1u);
  sweep(place.root().staging());
  EXPECT_EQ(entries_in(folder / ".wherry/staging"), 0u);
}

// ---------------------------------------------------------------- mounts

class ChangesAndMounts : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!may_mount()) GTEST_SKIP() << "mounting is not permitted";
  }
  static void mount_memory(const std::string& at) {
    std::filesystem::create_directories(at);
    ASSERT_EQ(::mount("none", at.c_str(), "tmpfs", 0, "size=1m"), 0);
  }
  static Error remove_all(PlaceForTest& place, std::string_view path) {
    return error_of(place.loop().run(place.storage().remove(path, {.recursive = true})));
  }
  static Error move(PlaceForTest& place, std::string_view from, std::string_view to) {
    return error_of(place.loop().run(place.storage().move(from, to)));
  }

  const FolderForTest folder_;
};

TEST_F(ChangesAndMounts, MountAndWhatItIsBeneathAreNotRemoved) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    std::filesystem::create_directories(folder_ / "a/my disk");
    mount_memory(folder_ / "a/my disk");  // mountinfo escapes the space
    put(folder_ / "a/my disk/file", "x");
    put(folder_ / "a/beside", "x");
    PlaceForTest place(folder_.path());
    EXPECT_EQ(remove_all(place, "a/my disk"), Error::conflict);
    EXPECT_EQ(remove_all(place, "a"), Error::conflict);
    EXPECT_EQ(move(place, "a/my disk", "b"), Error::conflict);
    EXPECT_EQ(move(place, "a/beside", "a/my disk/beside"), Error::conflict);
    EXPECT_EQ(get(folder_ / "a/my disk/file"), "x");
    EXPECT_EQ(get(folder_ / "a/beside"), "x");
    EXPECT_EQ(entries_in(folder_ / ".wherry/staging"), 0u);
  }));
}

TEST_F(ChangesAndMounts, FolderOnAMountIsDeletedThere) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    mount_memory(folder_ / "disk");
    std::filesystem::create_directories(folder_ / "disk/a/b/c");
    put(folder_ / "disk/a/b/c/file", "x");
    PlaceForTest place(folder_.path());
    EXPECT_EQ(remove_all(place, "disk/a"), Error::none);
    EXPECT_TRUE(place.becomes_idle());
    EXPECT_FALSE(std::filesystem::exists(folder_ / "disk/a"));
    EXPECT_EQ(entries_in(folder_ / "disk/.wherry/staging"), 0u);
  }));
}

TEST_F(ChangesAndMounts, DeletionStopsAtAMountThatCameMeanwhile) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    PlaceForTest place(folder_.path());
    std::filesystem::create_directories(folder_ / ".wherry/staging/tree/a/b");
    mount_memory(folder_ / ".wherry/staging/tree/a/b");
    put(folder_ / ".wherry/staging/tree/a/b/kept", "x");
    put(folder_ / ".wherry/staging/tree/a/file", "x");
    sweep(place.root().staging());
    EXPECT_EQ(get(folder_ / ".wherry/staging/tree/a/b/kept"), "x");
    EXPECT_FALSE(std::filesystem::exists(folder_ / ".wherry/staging/tree/a/file"));
  }));
}

}  // namespace
}  // namespace wherry::storage::posix
