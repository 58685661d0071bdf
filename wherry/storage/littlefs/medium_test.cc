// SPDX-License-Identifier: MIT
// What a medium may hold when it is mounted, and when it is formatted.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "wherry/storage/littlefs/littlefs_storage.h"
#include "wherry/storage/littlefs/ram_storage_for_test.h"

namespace wherry::storage::littlefs {
namespace {

void fill(RamDevice& device, std::string_view text) {
  for (std::size_t i = 0; i < device.bytes().size(); ++i)
    device.bytes()[i] = static_cast<std::byte>(text[i % text.size()]);
}

void expect_unavailable(LittlefsStorage& storage) {
  TestLoop loop;
  EXPECT_EQ(error_of(get(loop, storage, "a")), Error::storage_unavailable);
  EXPECT_EQ(error_of(put(loop, storage, "a", "x")), Error::storage_unavailable);
  EXPECT_EQ(error_of(storage.free_bytes()), Error::storage_unavailable);
  EXPECT_EQ(error_of(get(loop, storage, "../a")), Error::bad_path);
}

void expect_usable(LittlefsStorage& storage) {
  TestLoop loop;
  EXPECT_TRUE(put(loop, storage, "a", "x"));
  EXPECT_TRUE(holds(get(loop, storage, "a"), "x"));
}

TEST(Medium, NothingWorksBeforeItIsMounted) {
  RamDevice device({});
  StorageOn on(device, {});
  EXPECT_EQ(on.storage().medium(), Medium::not_mounted);
  expect_unavailable(on.storage());
}

TEST(Medium, BlankOneIsFormattedOnlyWhenTold) {
  for (const char blank : {'\xFF', '\0'}) {
    RamDevice device({});
    fill(device, {&blank, 1});
    const std::vector<std::byte> before = device.bytes();
    StorageOn on(device, {});
    EXPECT_EQ(on.storage().mount(Format::never), Medium::blank);
    EXPECT_TRUE(device.bytes() == before) << "it was written to";
    expect_unavailable(on.storage());
    EXPECT_EQ(on.storage().mount(Format::if_blank), Medium::ready);
    expect_usable(on.storage());
  }
}

TEST(Medium, ForeignOneIsFormattedOnlyWhenToldSo) {
  RamDevice device({});
  fill(device, some_bytes(device.bytes().size(), 1));
  const std::vector<std::byte> before = device.bytes();
  StorageOn on(device, {});
  EXPECT_EQ(on.storage().mount(Format::never), Medium::corrupt);
  EXPECT_EQ(on.storage().mount(Format::if_blank), Medium::corrupt);
  EXPECT_TRUE(device.bytes() == before) << "it was written to";
  expect_unavailable(on.storage());
  EXPECT_EQ(on.storage().mount(Format::if_unreadable), Medium::ready);
  expect_usable(on.storage());
}

TEST(Medium, BlankBeginBeforeOtherDataIsStillBlankToUs) {
  RamDevice device({});
  std::ranges::fill(std::span(device.bytes()).subspan(10'000), std::byte{'x'});
  StorageOn on(device, {});
  EXPECT_EQ(on.storage().mount(Format::never), Medium::blank);
}

// Garbage of any kind is refused, not taken for a file system, and never the end of the program.
TEST(Medium, AnyGarbageIsRefused) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    RamDevice device({.sector_count = 64});
    fill(device, some_bytes(1 + seed % 7 * 500, seed));
    StorageOn on(device, {});
    EXPECT_NE(on.storage().mount(Format::never), Medium::ready) << seed;
  }
}

TEST(Medium, OneOfAnotherBlockSizeIsRefused) {
  RamDevice device({.sector_count = 1024});
  for (const std::size_t made_with : {512u, 1024u, 2048u, 8192u}) {
    fill(device, "\xFF");
    StorageOn other(device, {.file_system = {.block_bytes = made_with}});
    ASSERT_EQ(other.storage().mount(Format::if_blank), Medium::ready);
    other.storage().unmount();
    const std::vector<std::byte> before = device.bytes();
    StorageOn on(device, {});
    EXPECT_EQ(on.storage().mount(Format::if_blank), Medium::other_format) << made_with;
    EXPECT_TRUE(device.bytes() == before) << "it was written to";
    EXPECT_EQ(on.storage().mount(Format::if_unreadable), Medium::ready) << made_with;
    expect_usable(on.storage());
  }
}

TEST(Medium, OneOfAnotherSizeIsRefused) {
  RamStorage ram({.sector_count = 512});
  ram.storage().unmount();
  RamDevice larger({.sector_count = 1024});
  std::ranges::copy(ram.device().bytes(), larger.bytes().begin());
  StorageOn on(larger, {});
  EXPECT_EQ(on.storage().mount(Format::if_blank), Medium::other_format);
}

TEST(Medium, DeviceThatFailsIsNeverFormatted) {
  RamDevice device({});
  StorageOn on(device, {});
  device.remove_medium(true);
  EXPECT_EQ(on.storage().mount(Format::if_unreadable), Medium::device_failed);
  device.remove_medium(false);
  EXPECT_EQ(on.storage().mount(Format::if_unreadable), Medium::ready);
}

TEST(Medium, DeviceOfOtherSectorsOrWithoutAnyIsRefused) {
  RamDevice other_sectors({.sector_bytes = 1024});
  StorageOn on_other(other_sectors, {});
  EXPECT_EQ(on_other.storage().mount(Format::if_unreadable), Medium::device_failed);
  RamDevice empty({.sector_count = 0});
  StorageOn on_empty(empty, {});
  EXPECT_EQ(on_empty.storage().mount(Format::if_unreadable), Medium::device_failed);
}

TEST(Medium, LargeSectorsAndFlashThatNeedsErasureWork) {
  TestLoop loop;
  RamStorage ram({.sector_bytes = 4096, .sector_count = 128, .needs_erasure = true},
                 {.sector_bytes = 4096});
  for (std::uint32_t i = 0; i < 50; ++i) {
    ASSERT_TRUE(put(loop, ram.storage(), "a/b", some_bytes(30'000, i)));
  }
  EXPECT_TRUE(holds(get(loop, ram.storage(), "a/b"), some_bytes(30'000, 49)));
}

TEST(Medium, EachStateHasASentence) {
  for (int i = 0; i <= static_cast<int>(Medium::device_failed); ++i)
    EXPECT_TRUE(text_of(static_cast<Medium>(i)).starts_with("The storage ")) << i;
}

}  // namespace
}  // namespace wherry::storage::littlefs
