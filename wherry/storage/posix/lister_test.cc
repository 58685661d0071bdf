// SPDX-License-Identifier: MIT
// Folders of a Linux system, read: what is left out, large ones, other hands, hostile positions.
#include "wherry/storage/posix/lister.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "wherry/storage/path.h"
#include "wherry/storage/posix/place_for_test.h"

namespace wherry::storage::posix {
namespace {

class Lists : public ::testing::Test {
 protected:
  Result<Folder> list(std::string_view path, FolderPosition position = {}) {
    return place_.loop().run(place_.storage().list(path, position));
  }
  Result<FolderPage> read(Folder& folder, std::uint32_t max_entries = UINT32_MAX) {
    return place_.loop().run(folder.read(max_entries));
  }
  /// Returns: the names, in the order in which they were told; those of folders end with a slash.
  std::vector<std::string> names(std::string_view path, FolderPosition position = {},
                                 std::uint32_t max_entries = UINT32_MAX) {
    std::vector<std::string> names;
    Result<Folder> folder = list(path, position);
    EXPECT_TRUE(folder) << path;
    while (folder) {
      const Result<FolderPage> page = read(*folder, max_entries);
      EXPECT_TRUE(page);
      if (!page || page->count() == 0) break;
      for (std::uint32_t i = 0; i < page->count(); ++i) {
        names.push_back(std::string((*page)[i].name) + ((*page)[i].is_folder ? "/" : ""));
      }
      if (page->is_last()) break;
    }
    return names;
  }
  void link(const std::string& to, const std::string& name) {
    ASSERT_EQ(::symlink(to.c_str(), (folder_ / name).c_str()), 0);
  }

  const FolderForTest folder_;
  const FolderForTest outside_;
  PlaceForTest place_{folder_.path()};
};

using Names = std::vector<std::string>;

TEST_F(Lists, WhatNoRequestCouldNameIsLeftOut) {
  std::filesystem::create_directories(folder_ / "folder/.wherry");
  for (const char* name : {"new\nline", "back\\slash", "not utf-8 \xFF", "\x7F", "c1 \xC2\x85",
                           ".WHERRY", "plain", "..more", " "}) {
    put(folder_ / ("folder/" + std::string(name)), "x");
  }
  ASSERT_EQ(::mkfifo((folder_ / "folder/fifo").c_str(), 0666), 0);
  link("/dev/null", "folder/device");
  EXPECT_EQ(names("folder"), (Names{" ", "..more", "plain"}));
  EXPECT_EQ(names(""), Names{"folder/"});
}

TEST_F(Lists, LinkIsToldAsWhatItLeadsTo) {
  std::filesystem::create_directories(folder_ / "folder/sub");
  std::filesystem::create_directories(folder_ / "links");
  ASSERT_TRUE(place_.store("folder/file", "four"));
  link("../folder/file", "links/file");
  link("../folder", "links/way");
  link("way/sub", "links/way on");
  link("nowhere", "links/dangling");
  link("loop", "links/loop");
  link(outside_.path(), "links/out");
  link("../../" + std::filesystem::path(outside_.path()).filename().string(), "links/out too");
  EXPECT_EQ(names("links"), (Names{"file", "way/", "way on/"}));
  EXPECT_EQ(names("links/way"), (Names{"file", "sub/"}));
  Result<Folder> folder = list("links");
  ASSERT_TRUE(folder);
  const Result<FolderPage> page = read(*folder);
  ASSERT_TRUE(page && page->count() == 3);
  const Result<File> file = place_.open("folder/file");
  ASSERT_TRUE(file);
  EXPECT_EQ((*page)[0].size, 4u);
  EXPECT_EQ((*page)[0].version, file->info().version);
}

TEST_F(Lists, NamesTooLongForAPathAreLeftOut) {
  std::string path;
  while (path.size() + 101 < kMaxPathBytes) path += std::string(99, 'd') + "/";
  path.pop_back();
  std::filesystem::create_directories(folder_ / path);
  const std::size_t room = kMaxPathBytes - path.size() - 1;
  put(folder_ / (path + "/" + std::string(room, 'a')), "x");
  put(folder_ / (path + "/" + std::string(room + 1, 'b')), "x");
  EXPECT_EQ(names(path), Names{std::string(room, 'a')});
}

TEST_F(Lists, TwentyThousandFilesAreEachToldOnceInConstantMemory) {
  for (int i = 0; i < 20'000; ++i) put(folder_ / ("file " + std::to_string(i)), "");
  for (const std::uint32_t max_entries : {UINT32_MAX, 333u}) {
    const Names told = names("", {}, max_entries);
    EXPECT_EQ(told.size(), 20'000u);
    EXPECT_EQ(std::set<std::string>(told.begin(), told.end()).size(), 20'000u);
  }
  EXPECT_LE(place_.storage().peak_large_blocks_in_use(), 1u);
  EXPECT_TRUE(place_.becomes_idle());
  EXPECT_EQ(place_.storage().large_blocks_in_use(), 0u);
}

TEST_F(Lists, GoesOnByNameWhenTheFolderHasGrown) {
  // A page that came by name, of a folder that no block would hold any more.
  for (int i = 0; i < 3000; ++i) put(folder_ / ("file " + std::to_string(10'000 + i)), "");
  const std::string behind = "file 10999";
  for (const std::uint32_t max_entries : {UINT32_MAX, 7u}) {
    const Names told = names("", {.name = behind}, max_entries);
    ASSERT_EQ(told.size(), 2000u);
    EXPECT_EQ(told.front(), "file 11000");
    EXPECT_TRUE(std::ranges::is_sorted(told));
    EXPECT_EQ(told.back(), "file 12999");
    if (max_entries == 7u) break;
  }
}

TEST_F(Lists, HostilePositionsAreHarmless) {
  for (int i = 0; i < 500; ++i) put(folder_ / ("file " + std::to_string(i)), "");
  std::uint64_t cookie = 1;
  for (int i = 0; i < 200; ++i) {
    cookie = cookie * 6364136223846793005u + 1442695040888963407u;
    for (const std::uint64_t hostile : {cookie, cookie >> 33, cookie >> (i % 64)}) {
      if (hostile == 0) continue;
      Result<Folder> folder = list("", {.cookie = hostile, .name = "x"});
      if (!folder) {
        EXPECT_EQ(folder.error(), Error::bad_request);
        continue;
      }
      const Result<FolderPage> page = read(*folder);
      EXPECT_TRUE(page || page.error() == Error::disk_failed);
    }
  }
  EXPECT_EQ(error_of(list("", {.cookie = UINT64_MAX})), Error::bad_request);
}

TEST_F(Lists, FolderThatIsRemovedMeanwhileEndsOrIsNotFound) {
  std::filesystem::create_directories(folder_ / "folder");
  Result<Folder> folder = list("folder");
  ASSERT_TRUE(folder);
  std::filesystem::remove(folder_ / "folder");
  const Result<FolderPage> page = read(*folder);
  if (page) {
    EXPECT_EQ(page->count(), 0u);
  } else {
    EXPECT_EQ(page.error(), Error::not_found);
  }
}

TEST_F(Lists, DroppedReadIsToldToTheNext) {
  for (int i = 0; i < 3000; ++i) put(folder_ / ("file " + std::to_string(i)), "");
  for (int turns = 0; turns < 20; ++turns) {
    Result<Folder> folder = list("");
    ASSERT_TRUE(folder);
    std::set<std::string> told;
    for (bool is_last = false; !is_last;) {
      {
        const Started dropped(place_.loop(), folder->read(1000));
        for (int i = 0; i < turns % 3; ++i) place_.loop().turn();
        if (dropped.has_ended()) break;
      }
      const Result<FolderPage> page = read(*folder, 1000);
      ASSERT_TRUE(page);
      for (std::uint32_t i = 0; i < page->count(); ++i) {
        EXPECT_TRUE(told.insert(std::string((*page)[i].name)).second);
      }
      is_last = page->is_last();
      if (is_last) {
        EXPECT_EQ(told.size(), 3000u);
      }
    }
  }
}

}  // namespace
}  // namespace wherry::storage::posix
