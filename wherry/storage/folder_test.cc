// SPDX-License-Identifier: MIT
#include "wherry/storage/folder.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "wherry/storage/file.h"

namespace wherry::storage {
namespace {

std::vector<std::string> names_of(const FolderPage& page) {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < page.count(); ++i) names.emplace_back(page[i].name);
  return names;
}

class FolderPageTest : public testing::Test {
 protected:
  alignas(8) std::array<std::byte, 1024> block_{};
};

TEST_F(FolderPageTest, TellsWhatWasAdded) {
  FolderPageWriter writer(block_);
  ASSERT_TRUE(writer.add({.name = "file",
                          .size = 1ull << 40,
                          .modified_s = -5,
                          .version = UINT64_MAX,
                          .crc32 = 0xDEADBEEF,
                          .cookie = 7}));
  ASSERT_TRUE(writer.add({.name = "folder", .is_folder = true, .is_linked = true}));
  const FolderPage page = writer.finish(FolderPage::Order::storage, false);

  ASSERT_EQ(page.count(), 2u);
  EXPECT_EQ(page[0].name, "file");
  EXPECT_FALSE(page[0].is_folder);
  EXPECT_FALSE(page[0].is_linked);
  EXPECT_EQ(page[0].size, 1ull << 40);
  EXPECT_EQ(page[0].modified_s, -5);
  EXPECT_EQ(page[0].version, UINT64_MAX);
  EXPECT_EQ(page[0].crc32, 0xDEADBEEFu);
  EXPECT_EQ(page[0].position().cookie, 7u);
  EXPECT_EQ(page[0].position().name, "file");
  EXPECT_TRUE(page[1].is_folder);
  EXPECT_TRUE(page[1].is_linked);
  EXPECT_EQ(page[1].modified_s, std::nullopt);
  EXPECT_EQ(page[1].crc32, std::nullopt);
  EXPECT_EQ(page.order(), FolderPage::Order::storage);
  EXPECT_FALSE(page.is_last());
}

TEST_F(FolderPageTest, SortsByTheBytesOfNames) {
  FolderPageWriter writer(block_);
  for (const char* name : {"b", "a", "ä", "B", "ab", "aa"}) ASSERT_TRUE(writer.add({.name = name}));
  writer.sort_by_name();
  EXPECT_EQ(names_of(writer.finish(FolderPage::Order::name, true)),
            (std::vector<std::string>{"B", "a", "aa", "ab", "b", "ä"}));
}

TEST_F(FolderPageTest, SaysNoWhenItIsFullAndKeepsWhatItHas) {
  FolderPageWriter writer(block_);
  std::vector<std::string> added;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "name " + std::to_string(i);
    if (!writer.add({.name = name})) break;
    added.push_back(name);
  }
  EXPECT_LT(added.size(), 1000u);
  EXPECT_EQ(names_of(writer.finish(FolderPage::Order::storage, false)), added);
  EXPECT_FALSE(writer.add({.name = "name of a file that is too much"}));
  EXPECT_EQ(names_of(writer.finish(FolderPage::Order::storage, false)), added);
}

TEST_F(FolderPageTest, HasRoomForTheLongestNameInWhatItAsksFor) {
  for (const std::size_t odd : {0u, 1u, 2u, 3u}) {
    FolderPageWriter writer(MutableBytes(block_).first(FolderPageWriter::kMaxEntryBytes + odd));
    EXPECT_TRUE(writer.add({.name = std::string(255, 'n')}));
  }
}

TEST_F(FolderPageTest, OneWithoutEntriesIsTheLast) {
  EXPECT_EQ(FolderPage().count(), 0u);
  EXPECT_TRUE(FolderPage().is_last());
}

TEST(FolderPosition, IsByNameWithoutACookieAndWithNoNameOrOneThatAnEntryMayHave) {
  EXPECT_TRUE(is_position_by_name({}));
  EXPECT_TRUE(is_position_by_name({.name = "a name"}));
  EXPECT_FALSE(is_position_by_name({.cookie = 1}));
  EXPECT_FALSE(is_position_by_name({.cookie = 1, .name = "a"}));
  for (const std::string_view name : {"a/b", "/", "..", ".wherry", "\xFF"})
    EXPECT_FALSE(is_position_by_name({.name = name})) << name;
}

TEST(Expected, IsMetByWhatItSays) {
  using Kind = Expected::Kind;
  EXPECT_TRUE(Expected{}.is_met_by(std::nullopt));
  EXPECT_TRUE(Expected{}.is_met_by(7));
  EXPECT_TRUE(Expected{Kind::nothing}.is_met_by(std::nullopt));
  EXPECT_FALSE(Expected{Kind::nothing}.is_met_by(0));
  EXPECT_TRUE(Expected{Kind::file}.is_met_by(0));
  EXPECT_FALSE(Expected{Kind::file}.is_met_by(std::nullopt));
  EXPECT_TRUE((Expected{Kind::version, 7}.is_met_by(7)));
  EXPECT_FALSE((Expected{Kind::version, 7}.is_met_by(8)));
  EXPECT_FALSE((Expected{Kind::version, 7}.is_met_by(std::nullopt)));
  EXPECT_FALSE((Expected{Kind::version, 0}.is_met_by(0))) << "0 is no version";
}

}  // namespace
}  // namespace wherry::storage
