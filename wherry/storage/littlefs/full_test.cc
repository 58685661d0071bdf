// SPDX-License-Identifier: MIT
// A medium that is filled up by small files, whose names take more room than their contents: what
// littlefs says then, and that what came to nothing takes nothing else along.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "wherry/storage/littlefs/ram_storage_for_test.h"

namespace wherry::storage::littlefs {
namespace {

constexpr int kFailuresWanted = 12;

std::string name_of(int number) {
  return "folder/a_name_that_fills_its_folder_soon_" + std::to_string(number);
}

/// Stores files until it has failed some times. Returns: what was stored.
std::map<std::string, std::string> fill_up(LittlefsStorage& storage, std::size_t size) {
  TestLoop loop;
  std::map<std::string, std::string> stored;
  for (int number = 0, failures = 0; failures < kFailuresWanted; ++number) {
    const std::string name = name_of(number);
    const std::string text = some_bytes(size, static_cast<std::uint32_t>(number));
    CreateOptions options;
    if (number % 2 == 0) options.expected_size = size;
    const Result<bool> done = put(loop, storage, name, text, options);
    if (done) {
      stored[name] = text;
    } else {
      ++failures;
      EXPECT_EQ(done.error(), Error::no_space) << name;
    }
  }
  return stored;
}

void expect_all(LittlefsStorage& storage, const std::map<std::string, std::string>& stored) {
  TestLoop loop;
  for (const auto& [name, text] : stored)
    EXPECT_TRUE(holds(get(loop, storage, name), text)) << name;
}

TEST(FullMedium, IsToldAsFullAndNotAsBrokenWhateverFindsNoRoom) {
  for (const std::uint32_t sectors : {256u, 512u, 1024u}) {
    for (const std::size_t size : {100u, 300u, 500u, 1000u, 5000u, 20'000u}) {
      SCOPED_TRACE(std::to_string(sectors) + " sectors, files of " + std::to_string(size));
      RamStorage ram({.sector_count = sectors});
      const auto stored = fill_up(ram.storage(), size);
      expect_all(ram.storage(), stored);
      ASSERT_EQ(ram.storage().mount(Format::never), Medium::ready);
      expect_all(ram.storage(), stored);
    }
  }
}

// The rename of one upload finds no room; another upload is under way then, and ends after it.
TEST(FullMedium, FailedCommitTakesNoOtherUploadAlong) {
  TestLoop loop;
  RamStorage ram({.sector_count = 256});
  const auto stored = fill_up(ram.storage(), 300);
  for (int round = 0; round < 20; ++round) {
    const std::string text = some_bytes(40, static_cast<std::uint32_t>(round));
    Result<StagedFile> other = loop.run(ram.storage().create(name_of(round)));
    if (!other) continue;
    const Result<bool> failed = put(loop, ram.storage(), name_of(5000 + round), text);
    if (!failed) {
      EXPECT_EQ(failed.error(), Error::no_space);
    }
    Result<> step = loop.run(other->write(as_bytes(text)));
    if (step) step = loop.run(other->commit());
    const std::string& old_text = stored.at(name_of(round));
    if (step) {
      EXPECT_TRUE(holds(get(loop, ram.storage(), name_of(round)), text)) << round;
    } else {
      EXPECT_EQ(step.error(), Error::no_space) << round;
      EXPECT_TRUE(holds(get(loop, ram.storage(), name_of(round)), old_text)) << round;
    }
  }
}

}  // namespace
}  // namespace wherry::storage::littlefs
