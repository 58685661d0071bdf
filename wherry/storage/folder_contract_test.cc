// SPDX-License-Identifier: MIT
// The storage contract, asked of every back end in the same words: reading folders.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "wherry/storage/contract_for_test.h"

namespace wherry::storage {
namespace {

// An entry, with a name that outlives its page.
struct Entry {
  std::string name;
  FolderEntry its;

  FolderPosition position() const { return {its.cookie, name}; }
};

// What a folder was read as.
struct Listing {
  std::vector<Entry> entries;
  FolderPage::Order order = FolderPage::Order::name;
  std::size_t page_count = 0;

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Entry& entry : entries) names.push_back(entry.name);
    return names;
  }
};

class FolderContract : public Contract {
 protected:
  Result<Folder> list(std::string_view path, FolderPosition position = {}) {
    return loop().run(storage().list(path, position));
  }

  /// Reads a page, and adds it to `listing`. Returns: whether another may follow.
  Result<bool> read_on(Folder& folder, Listing& listing, std::uint32_t max_entries = UINT32_MAX) {
    const Result<FolderPage> page = loop().run(folder.read(max_entries));
    if (!page) return page.error();
    EXPECT_LE(page->count(), max_entries);
    for (std::uint32_t i = 0; i < page->count(); ++i) {
      const FolderEntry entry = (*page)[i];
      listing.entries.push_back({std::string(entry.name), entry});
      EXPECT_TRUE(page->order() == FolderPage::Order::storage || entry.cookie == 0);
    }
    if (page->count() == 0) return false;
    EXPECT_TRUE(listing.page_count == 0 || page->order() == listing.order);
    listing.order = page->order();
    ++listing.page_count;
    return !page->is_last();
  }

  Result<Listing> read_all(Folder& folder, std::uint32_t max_entries = UINT32_MAX) {
    Listing listing;
    while (true) {
      const Result<bool> more = read_on(folder, listing, max_entries);
      if (!more) return more.error();
      if (!*more) return listing;
    }
  }
  Result<Listing> listing_of(std::string_view path, FolderPosition position = {},
                             std::uint32_t max_entries = UINT32_MAX) {
    Result<Folder> folder = list(path, position);
    if (!folder) return folder.error();
    return read_all(*folder, max_entries);
  }

  std::vector<std::string> store_many(int count) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) {
      names.push_back("file number " + std::to_string(i * 7919 % 1000));
      EXPECT_TRUE(store("many/" + names.back(), names.back()));
    }
    std::ranges::sort(names);
    return names;
  }
};

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::ranges::sort(names);
  return names;
}

TEST_P(FolderContract, RootIsThereAlsoWithoutFiles) {
  const Result<Listing> listing = listing_of("");
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->entries.size(), 0u);
}

TEST_P(FolderContract, ItsOwnFolderIsNotTold) {
  ASSERT_TRUE(store("a", "x"));
  const Result<StagedFile> staged = create("b");
  ASSERT_TRUE(staged);
  const Result<Listing> listing = listing_of("");
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->names(), std::vector<std::string>{"a"});
}

TEST_P(FolderContract, FewEntriesComeByNameWithWhatIsKnownOfThem) {
  ASSERT_TRUE(store("folder/b", some_bytes(20'000, 1)));
  ASSERT_TRUE(store("folder/a/below", "x"));
  ASSERT_TRUE(store("folder/a/beside/deep", "x"));
  ASSERT_TRUE(store("folder/B", ""));
  ASSERT_TRUE(store("folder/b \xC3\xA4", "12"));
  ASSERT_TRUE(store("beside", "x"));
  const Result<Listing> listing = listing_of("folder");
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->names(), (std::vector<std::string>{"B", "a", "b", "b \xC3\xA4"}));
  EXPECT_EQ(listing->order, FolderPage::Order::name);
  ASSERT_EQ(listing->entries.size(), 4u);
  EXPECT_EQ(listing->entries[0].its.size, 0u);
  EXPECT_TRUE(listing->entries[1].its.is_folder);
  EXPECT_FALSE(listing->entries[2].its.is_folder);
  EXPECT_EQ(listing->entries[2].its.size, 20'000u);
  EXPECT_EQ(listing->entries[3].its.size, 2u);
}

TEST_P(FolderContract, TellsOfAFileWhatAnOpenTells) {
  Result<StagedFile> file = create("folder/with crc");
  ASSERT_TRUE(file);
  ASSERT_TRUE(write(*file, "text"));
  ASSERT_TRUE(loop().run(file->commit({.crc32 = 0xFEDC'BA98u})));
  ASSERT_TRUE(store("folder/without", "text"));
  const Result<Listing> listing = listing_of("folder");
  ASSERT_TRUE(listing);
  ASSERT_EQ(listing->entries.size(), 2u);
  for (const Entry& entry : listing->entries) {
    const Result<File> opened = open("folder/" + entry.name);
    ASSERT_TRUE(opened);
    EXPECT_NE(entry.its.version, 0u);
    EXPECT_EQ(entry.its.version, opened->info().version);
    EXPECT_EQ(entry.its.modified_s, opened->info().modified_s);
    EXPECT_EQ(entry.its.crc32, opened->info().crc32);
  }
  EXPECT_NE(listing->entries[0].its.version, listing->entries[1].its.version);
}

TEST_P(FolderContract, ManyEntriesAreEachToldOnceInOneOrder) {
  const std::vector<std::string> names = store_many(200);
  for (const std::uint32_t max_entries : {UINT32_MAX, 1u, 7u}) {
    const Result<Listing> listing = listing_of("many", {}, max_entries);
    ASSERT_TRUE(listing);
    EXPECT_EQ(sorted(listing->names()), names);
    if (listing->order == FolderPage::Order::name) {
      EXPECT_EQ(listing->names(), names);
    }
  }
}

TEST_P(FolderContract, NamesThatBeginWithOthersAreNoSpecialCase) {
  std::vector<std::string> names;
  for (const char* name :
       {"a", "aa", "aaa", "aab", "ab", "abcd", "abcdef", "abd", "b", "ba", "c"}) {
    names.push_back(name);
    ASSERT_TRUE(store("many/" + names.back(), "x"));
  }
  for (const std::uint32_t max_entries : {UINT32_MAX, 1u, 3u}) {
    const Result<Listing> whole = listing_of("many", {}, max_entries);
    ASSERT_TRUE(whole);
    EXPECT_EQ(sorted(whole->names()), names);
    if (whole->order == FolderPage::Order::name) {
      EXPECT_EQ(whole->names(), names);
    }
    for (std::size_t i = 0; i < whole->entries.size(); ++i) {
      const Result<Listing> rest = listing_of("many", whole->entries[i].position(), max_entries);
      ASSERT_TRUE(rest) << i;
      EXPECT_EQ(rest->entries.size() + i + 1, names.size()) << whole->entries[i].name;
    }
  }
}

TEST_P(FolderContract, GoesOnBehindAnyEntry) {
  for (const int count : {3, 60}) {
    const std::vector<std::string> names = store_many(count);
    const Result<Listing> whole = listing_of("many");
    ASSERT_TRUE(whole);
    ASSERT_EQ(sorted(whole->names()), names);
    for (std::size_t i = 0; i < whole->entries.size(); ++i) {
      const Result<Listing> rest = listing_of("many", whole->entries[i].position());
      ASSERT_TRUE(rest) << i;
      std::vector<std::string> all = rest->names();
      for (std::size_t before = 0; before <= i; ++before)
        all.push_back(whole->entries[before].name);
      EXPECT_EQ(sorted(all), names) << i;
    }
  }
}

TEST_P(FolderContract, GoesOnBehindAnEntryThatHasGone) {
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(store(name, name));
  const Result<Listing> whole = listing_of("");
  ASSERT_TRUE(whole);
  ASSERT_EQ(whole->entries.size(), 3u);
  ASSERT_TRUE(loop().run(storage().remove("b")));
  const Result<Listing> rest = listing_of("", whole->entries[1].position());
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->names(), std::vector<std::string>{"c"});
}

TEST_P(FolderContract, ChangesMeanwhileHideNothingElse) {
  const std::vector<std::string> names = store_many(40);
  Result<Folder> folder = list("many");
  ASSERT_TRUE(folder);
  Listing listing;
  for (int i = 0; true; ++i) {
    const Result<bool> more = read_on(*folder, listing, 1);
    ASSERT_TRUE(more);
    if (!*more) break;
    ASSERT_TRUE(store("many/" + names[static_cast<std::size_t>(i * 13 % 40)], "replaced"));
    // Not for ever: a storage may tell each of them behind those that it has told.
    if (i < 60) {
      ASSERT_TRUE(store("many/new " + std::to_string(i), "new"));
    }
    if (i < 60 && i % 3 == 2) {
      ASSERT_TRUE(loop().run(storage().remove("many/new " + std::to_string(i))));
    }
    ASSERT_LT(i, 200);
  }
  std::multiset<std::string> told;
  for (const Entry& entry : listing.entries) told.insert(entry.name);
  for (const std::string& name : names) EXPECT_EQ(told.count(name), 1u) << name;
  for (const std::string& name : told) EXPECT_EQ(told.count(name), 1u) << name;
}

TEST_P(FolderContract, WhatIsNoFolderIsNotFound) {
  ASSERT_TRUE(store("file", "x"));
  EXPECT_EQ(error_of(list("file")), Error::not_found);
  EXPECT_EQ(error_of(list("file/below")), Error::not_found);
  EXPECT_EQ(error_of(list("nothing")), Error::not_found);
  EXPECT_EQ(error_of(list("nothing/below")), Error::not_found);
}

TEST_P(FolderContract, RefusesBadPathsAndPositionsThatNobodyTold) {
  ASSERT_TRUE(store("folder/file", "x"));
  for (const std::string_view path : {"/", "folder/", "..", "folder/..", ".", ".wherry", "a\\b"})
    EXPECT_EQ(error_of(list(path)), Error::bad_path) << path;
  for (const std::string_view name : {"a/b", "..", "/", "\n", ".wherry"})
    EXPECT_EQ(error_of(list("folder", {.name = name})), Error::bad_request) << name;
  EXPECT_TRUE(list("folder", {.name = std::string(255, 'x')}));
}

TEST_P(FolderContract, SlotsOfFoldersRunOutAndComeBack) {
  ASSERT_TRUE(store("a", "x"));
  std::vector<Folder> folders;
  for (std::uint32_t i = 0; i < kSlots; ++i) {
    ASSERT_TRUE(loop().run_until([&] { return place().slots_in_use() == i; }));
    Result<Folder> folder = list("");
    ASSERT_TRUE(folder);
    folders.push_back(std::move(*folder));
  }
  EXPECT_EQ(error_of(list("")), Error::busy);
  folders.pop_back();
  ASSERT_TRUE(loop().run_until([&] { return place().slots_in_use() == kSlots - 1; }));
  EXPECT_TRUE(list(""));
}

TEST_P(FolderContract, WhatIsDroppedLeavesNothing) {
  ASSERT_TRUE(store("a", "x"));
  for (int i = 0; i < 20; ++i) {
    {
      const Started list(loop(), storage().list(""));
    }
    loop().run_until([this] { return place().slots_in_use() == 0; });
  }
  Result<Folder> folder = list("");
  ASSERT_TRUE(folder);
  {
    const Started read(loop(), folder->read());
  }
  const Started nobody_waits(loop(), folder->read());
}

INSTANTIATE_TEST_SUITE_P(BackEnds, FolderContract, ::testing::ValuesIn(kBackEnds), name_of);

}  // namespace
}  // namespace wherry::storage
