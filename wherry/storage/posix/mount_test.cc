// SPDX-License-Identifier: MIT
// Full disks, read-only disks and mounts beneath the root. Each test mounts in a process that has
// its mounts to itself; where that is not permitted it is skipped.
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/mount.h>

#include <cstring>

#include "wherry/storage/posix/place_for_test.h"

namespace wherry::storage::posix {
namespace {

class Mounts : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!may_mount()) GTEST_SKIP() << "mounting is not permitted";
  }

  static void mount_memory(const std::string& at, const char* options) {
    std::filesystem::create_directories(at);
    ASSERT_EQ(::mount("none", at.c_str(), "tmpfs", 0, options), 0) << std::strerror(errno);
  }

  const FolderForTest folder_;
};

TEST_F(Mounts, FullDiskLeavesTheOldFileAndNoDebris) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    mount_memory(folder_.path(), "size=1m");
    PlaceForTest place(folder_.path());
    ASSERT_TRUE(place.store("file", "old"));
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(error_of(place.store("file", some_text(4'000'000))), Error::no_space);
      EXPECT_TRUE(place.becomes_idle());
      EXPECT_EQ(entries_in(folder_ / ".wherry/staging"), 0u);
    }
    EXPECT_TRUE(holds(place.content_of("file"), "old"));
    EXPECT_TRUE(holds(place.store("file", some_text(700'000)), true));
  }));
}

TEST_F(Mounts, ExpectedSizeIsComparedWithWhatIsFree) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    mount_memory(folder_.path(), "size=1m");
    PlaceForTest place(folder_.path());
    EXPECT_EQ(error_of(place.create("file", {.expected_size = 1024 * 1024 + 1})), Error::no_space);
    EXPECT_TRUE(place.create("file", {.expected_size = 900 * 1024}));
  }));
}

TEST_F(Mounts, DiskOutOfNamesHasNoSpace) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    mount_memory(folder_.path(), "nr_inodes=6");
    PlaceForTest place(folder_.path());  // the root, four in the private folder
    ASSERT_TRUE(place.store("file", "x"));
    EXPECT_EQ(error_of(place.create("other")), Error::no_space);
  }));
}

TEST_F(Mounts, FileOnAnotherMountIsStagedThere) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    mount_memory(folder_ / "disk", "size=1m");
    PlaceForTest place(folder_.path());
    EXPECT_TRUE(holds(place.store("disk/a/b/file", some_text(300'000)), false));
    EXPECT_TRUE(holds(place.store("disk/a/b/file", "new"), true));
    EXPECT_TRUE(holds(place.content_of("disk/a/b/file"), "new"));
    EXPECT_EQ(entries_in(folder_ / "disk/.wherry/staging"), 0u);
    {
      Result<StagedFile> file = place.create("disk/a/dropped");
      ASSERT_TRUE(file);
      EXPECT_EQ(entries_in(folder_ / "disk/.wherry/staging"), 1u);
    }
    EXPECT_TRUE(place.becomes_idle());
    EXPECT_EQ(entries_in(folder_ / "disk/.wherry/staging"), 0u);
    EXPECT_EQ(entries_in(folder_ / ".wherry/staging"), 0u);
  }));
}

TEST_F(Mounts, BindMountOfTheSameDiskIsAnotherMount) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    std::filesystem::create_directories(folder_ / "real/sub");
    std::filesystem::create_directories(folder_ / "bound");
    ASSERT_EQ(
        ::mount((folder_ / "real").c_str(), (folder_ / "bound").c_str(), nullptr, MS_BIND, nullptr),
        0);
    PlaceForTest place(folder_.path());
    EXPECT_TRUE(holds(place.store("bound/sub/file", "x"), false));
    EXPECT_EQ(get(folder_ / "real/sub/file"), "x");
  }));
}

TEST_F(Mounts, DebrisOnMountsBeneathIsSweptUnlessItIsAlive) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    mount_memory(folder_ / "my disk", "size=1m");  // mountinfo escapes the space
    const std::string staging = folder_ / "my disk/.wherry/staging";
    std::filesystem::create_directories(staging);
    put(staging + "/debris", "x");
    const Fd live(::open((staging + "/live").c_str(), O_CREAT | O_RDWR, 0600));
    ASSERT_EQ(::flock(live.get(), LOCK_EX), 0);
    PlaceForTest place(folder_.path());
    EXPECT_FALSE(std::filesystem::exists(staging + "/debris"));
    EXPECT_TRUE(std::filesystem::exists(staging + "/live"));
  }));
}

TEST_F(Mounts, ReadOnlyDiskIsNotWritable) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    mount_memory(folder_ / "disk", "size=1m");
    put(folder_ / "disk/file", "text");
    PlaceForTest place(folder_.path());
    ASSERT_EQ(
        ::mount(nullptr, (folder_ / "disk").c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
    EXPECT_EQ(error_of(place.create("disk/file")), Error::not_writable);
    EXPECT_TRUE(holds(place.content_of("disk/file"), "text"));
    EXPECT_EQ(error_of(Root::open((folder_ / "disk").c_str(), {})), Error::not_writable);
    EXPECT_EQ(errno, EROFS);
    EXPECT_TRUE(Root::open((folder_ / "disk").c_str(), Options{.read_only = true}));
  }));
}

}  // namespace
}  // namespace wherry::storage::posix
