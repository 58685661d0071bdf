// SPDX-License-Identifier: MIT
// What a medium may hold when it is mounted, and when it is formatted.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
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

// ---------------------------------------------------------------- what comes later

TEST(Medium, OneThatComesLaterIsMountedByTheNextOperation) {
  TestLoop loop;
  RamStorage made;
  ASSERT_TRUE(put(loop, made.storage(), "a", "x"));
  made.storage().unmount();
  RamDevice device({});
  device.bytes() = made.device().bytes();
  device.remove_medium(true);
  StorageOn on(device, {});
  EXPECT_EQ(on.storage().mount(Format::if_blank), Medium::device_failed);
  expect_unavailable(on.storage());
  device.remove_medium(false);
  EXPECT_TRUE(holds(get(loop, on.storage(), "a"), "x"));
}

TEST(Medium, OneThatComesLaterIsFormattedOnlyWhenToldSo) {
  TestLoop loop;
  RamDevice device({});
  device.remove_medium(true);
  StorageOn on(device, {});
  on.storage().mount(Format::if_blank);
  device.remove_medium(false);
  expect_unavailable(on.storage());
  EXPECT_EQ(on.storage().medium(), Medium::blank);
  on.storage().set_later_format(Format::if_blank);
  EXPECT_TRUE(put(loop, on.storage(), "a", "x"));
}

TEST(Medium, IsLookedForBeforeEachMount) {
  class ChangingDevice final : public RamDevice {
   public:
    ChangingDevice() : RamDevice({}) {}
    void find() noexcept override { ++find_count; }
    std::uint32_t sector_count() const noexcept override {
      return find_count > 1 ? RamDevice::sector_count() : 0;
    }
    int find_count = 0;
  } device;
  StorageOn on(device, {});
  EXPECT_EQ(on.storage().mount(Format::if_blank), Medium::device_failed);
  EXPECT_EQ(on.storage().mount(Format::if_blank), Medium::ready);
}

// ---------------------------------------------------------------- private files

TEST(PrivateFile, IsReadAsItWasWrittenAlsoAfterAMount) {
  RamStorage ram;
  std::array<std::byte, 600> place;
  EXPECT_EQ(error_of(ram.storage().read_private("boot.json", place)), Error::not_found);
  for (const std::size_t size : {0u, 1u, 100u, 600u, 50u}) {
    const std::string text = some_bytes(size, 1);
    ASSERT_TRUE(ram.storage().write_private("boot.json", as_bytes(text)));
    ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
    const Result<MutableBytes> read = ram.storage().read_private("boot.json", place);
    ASSERT_TRUE(read);
    EXPECT_EQ(as_text(*read), text);
  }
  ASSERT_TRUE(ram.storage().write_private("boot.json", as_bytes(some_bytes(601, 1))));
  EXPECT_EQ(error_of(ram.storage().read_private("boot.json", place)), Error::content_too_large);
  EXPECT_EQ(ram.storage().slots_in_use(), 0u);
}

TEST(PrivateFile, IsUnderNoNameThatARequestMayHave) {
  TestLoop loop;
  RamStorage ram;
  ASSERT_TRUE(ram.storage().write_private("boot.json", as_bytes("{}")));
  for (const char* name : {".wherry/boot.json", ".WHERRY/boot.json", ".wherry/./boot.json",
                           "x/../.wherry/boot.json", "/.wherry/boot.json"}) {
    EXPECT_EQ(error_of(get(loop, ram.storage(), name)), Error::bad_path) << name;
    EXPECT_EQ(error_of(put(loop, ram.storage(), name, "x")), Error::bad_path) << name;
  }
}

TEST(PrivateFile, NeedsAMediumAndASlotAndRoom) {
  TestLoop loop;
  RamDevice device({});
  StorageOn on(device, {.slots = 1});
  std::array<std::byte, 10> place;
  EXPECT_EQ(error_of(on.storage().read_private("a", place)), Error::storage_unavailable);
  EXPECT_EQ(error_of(on.storage().write_private("a", {})), Error::storage_unavailable);
  ASSERT_EQ(on.storage().mount(Format::if_blank), Medium::ready);
  EXPECT_EQ(error_of(on.storage().write_private("a", as_bytes(some_bytes(300'000, 1)))),
            Error::no_space);
  ASSERT_TRUE(on.storage().write_private("a", as_bytes("kept")));
  EXPECT_EQ(error_of(on.storage().write_private("a", as_bytes(some_bytes(300'000, 1)))),
            Error::no_space);
  EXPECT_EQ(as_text(*on.storage().read_private("a", place)), "kept");
  const Result<StagedFile> file = loop.run(on.storage().create("b"));
  EXPECT_EQ(error_of(on.storage().read_private("a", place)), Error::no_slot);
}

TEST(Medium, EachStateHasASentence) {
  for (int i = 0; i <= static_cast<int>(Medium::device_failed); ++i)
    EXPECT_TRUE(text_of(static_cast<Medium>(i)).starts_with("The storage ")) << i;
}

}  // namespace
}  // namespace wherry::storage::littlefs
