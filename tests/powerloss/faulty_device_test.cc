// SPDX-License-Identifier: MIT
// That the tests of power loss can fail: the device does harm, and harm is found out.
#include "tests/powerloss/faulty_device.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/powerloss/upload.h"

namespace wherry::powerloss {
namespace {

using storage::littlefs::RamOptions;

std::string sectors_of(FaultyDevice& device) {
  std::string text;
  for (std::size_t i = 0; i < device.bytes().size(); i += 4)
    text += static_cast<char>(device.bytes()[i]);
  return text;
}

// Four sectors of eight bytes; two characters a sector: its halves.
TEST(FaultyDevice, EachFateLeavesWhatItSays) {
  const auto after = [](Fate fate, bool needs_erasure) {
    FaultyDevice device({.sector_bytes = 8, .sector_count = 4, .needs_erasure = needs_erasure});
    device.insert(FaultyDevice::Image(32, std::byte{'o'}));
    const auto program = [&](std::uint32_t sector) {
      device.erase(sector, 1);
      return device.program(sector, as_bytes("nnnnnnnn"));
    };
    EXPECT_EQ(program(0), DeviceStatus::ok);
    EXPECT_EQ(device.sync(), DeviceStatus::ok);
    EXPECT_EQ(program(1), DeviceStatus::ok);
    device.cut_at(1);
    EXPECT_EQ(program(2), DeviceStatus::failed);
    EXPECT_EQ(program(3), DeviceStatus::failed);
    EXPECT_EQ(device.earlier_count(), 3u);
    device.power_on(fate, 1);
    return sectors_of(device);
  };
  EXPECT_EQ(after({Earlier::kept, Last::none}, false), "nnnnoooo");
  EXPECT_EQ(after({Earlier::kept, Last::first_half}, false), "nnnnnooo");
  EXPECT_EQ(after({Earlier::kept, Last::second_half}, false), "nnnnonoo");
  EXPECT_EQ(after({Earlier::kept, Last::whole}, false), "nnnnnnoo");
  EXPECT_EQ(after({Earlier::lost, Last::whole}, false), "nnoonnoo");
  EXPECT_EQ(after({Earlier::odd_kept, Last::none}, false), "nnnnoooo");
  EXPECT_EQ(after({Earlier::even_kept, Last::none}, false), "nnoooooo");
  EXPECT_EQ(after({Earlier::kept, Last::none}, true), "nnnn\xFF\xFFoo");
  EXPECT_EQ(after({Earlier::lost, Last::whole}, true), "nnoonnoo");  // 'o' has every bit of 'n'
  const std::string garbage = after({Earlier::kept, Last::garbage}, false);
  EXPECT_EQ(garbage.substr(0, 4), "nnnn");
  EXPECT_NE(garbage.substr(4, 2), "oo");
  EXPECT_NE(garbage.substr(4, 2), "nn");
}

TEST(LookAtFiles, FindsOutWhatIsWrong) {
  FaultyDevice device(RamOptions{});
  device.insert(new_medium(RamOptions{}));
  StorageOn on(device, options());
  ASSERT_EQ(on.storage().mount(Format::never), Medium::ready);
  const Upload over{"file", "old", "new"};
  const Upload first{"file", std::nullopt, "new"};
  const Upload in_folder{"one/two/file", std::nullopt, "new"};
  EXPECT_NE(look_at_files(on.storage(), over, false), "") << "no file";
  EXPECT_EQ(look_at_files(on.storage(), first, false), "");
  EXPECT_NE(look_at_files(on.storage(), first, true), "") << "told, and not there";
  ASSERT_TRUE(put(on.storage(), "file", "old"));
  EXPECT_EQ(look_at_files(on.storage(), over, false), "");
  EXPECT_NE(look_at_files(on.storage(), over, true), "") << "told, and the old one";
  EXPECT_NE(look_at_files(on.storage(), first, false), "") << "something else";
  ASSERT_TRUE(put(on.storage(), "file", "ne"));
  EXPECT_NE(look_at_files(on.storage(), over, false), "") << "half a file";
  EXPECT_EQ(look_at_files(on.storage(), in_folder, false), "");
  ASSERT_TRUE(put(on.storage(), "one/else", "x"));
  EXPECT_NE(look_at_files(on.storage(), in_folder, false), "") << "a folder without it";
  ASSERT_TRUE(put(on.storage(), "file", "new"));
  EXPECT_EQ(look_at_files(on.storage(), over, true), "");
  ASSERT_TRUE(put(on.storage(), "beside", "x"));
  EXPECT_NE(look_at_files(on.storage(), over, true), "") << "a bystander changed";
}

TEST(CountDebris, CountsStagingFilesOnly) {
  FaultyDevice device(RamOptions{});
  device.insert(new_medium(RamOptions{}));
  EXPECT_EQ(count_debris(device), 0);
  StorageOn on(device, options());
  ASSERT_EQ(on.storage().mount(Format::never), Medium::ready);
  TestLoop loop;
  const auto file = loop.run(on.storage().create("a"));
  ASSERT_TRUE(file);
  EXPECT_EQ(count_debris(device), 1);
}

}  // namespace
}  // namespace wherry::powerloss
