// SPDX-License-Identifier: MIT
// The power goes at every write of a removal, of a move, and of the emptying of trash that follows,
// with every fate of what was not synced. After each: all files as they were before, or all as they
// are after; what is remembered of each is right; nothing of it is left, and the space is back.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <map>
#include <string>

#include "tests/powerloss/upload.h"

namespace wherry::powerloss {
namespace {

using storage::littlefs::some_bytes;
using Files = std::map<std::string, std::string>;  // paths and contents

struct Change {
  std::string path;
  std::string new_path = {};  // of a move
  bool is_removal() const { return new_path.empty(); }
};

struct Case {
  const char* name;
  std::vector<std::string> paths;  // of files that are there before, beside the bystanders
  std::vector<std::string> empty_folders;
  Change change;
  bool may_leave_folders;  // empty ones
};

const Case kCases[] = {
    {"RemovesAFile", {"file"}, {}, {"file"}, false},
    {"RemovesAFileFromAFolder", {"folder/file"}, {}, {"folder/file"}, true},
    {"RemovesAnEmptyFolder", {}, {"empty"}, {"empty"}, false},
    {"RemovesAFolderOfFiles", {"old/a", "old/b", "old/c"}, {}, {"old"}, false},
    {"RemovesAFolderOfFolders",
     {"old/a/b/c/d/e", "old/a/b/f", "old/g/h", "old/i"},
     {"old/empty"},
     {"old"},
     false},
    {"MovesAFileInItsFolder", {"file"}, {}, {"file", "renamed"}, false},
    {"MovesAFileToAnotherFolder", {"one/file", "two/beside"}, {}, {"one/file", "two/x"}, true},
    {"MovesAFileOverAnother", {"file", "folder/taken"}, {}, {"file", "folder/taken"}, false},
    {"MovesAFileIntoNewFolders", {"file"}, {}, {"file", "new/deep/file"}, true},
    {"MovesAFolder", {"old/a", "old/b/c"}, {}, {"old", "folder/moved"}, false},
    {"MovesAFolderIntoNewFolders", {"old/a", "old/b/c"}, {}, {"old", "new/moved"}, true},
};

// Whether a folder's name is `folder`, or begins with it.
bool lies_in(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

Files after(const Files& before, const Change& change) {
  Files files;
  for (const auto& [path, text] : before) {
    if (!lies_in(path, change.path)) {
      files.try_emplace(path, text);
    } else if (!change.is_removal()) {
      files[change.new_path + path.substr(change.path.size())] = text;
    }
  }
  return files;
}

Result<> make(LittlefsStorage& on, const Change& change) {
  TestLoop loop;
  if (change.is_removal()) return loop.run(on.remove(change.path, {.recursive = true}));
  return loop.run(on.move(change.path, change.new_path, {.replaces = true}));
}

void poll_until_empty(LittlefsStorage& on) {
  while (on.next_deadline_ms()) on.poll(0);
}

// All files in `folder`; a folder without entries as a path that ends with a slash, if wanted.
void collect(LittlefsStorage& on, const std::string& folder, bool with_empty, Files& files) {
  const std::vector<std::string> names = storage::littlefs::names_in(on, folder);
  if (names.empty() && with_empty && !folder.empty()) files[folder + "/"] = "";
  for (const std::string& name : names) {
    const std::string path = folder.empty() ? name : folder + "/" + name;
    if (path.ends_with('/')) {
      collect(on, path.substr(0, path.size() - 1), with_empty, files);
    } else {
      files[path] = get(on, path).value_or("(cannot be read)");
    }
  }
}

class ChangeCut : public ::testing::TestWithParam<std::tuple<Case, bool, bool>> {
 protected:
  ChangeCut() : device_(ram()) {}

  static const Case& test_case() { return std::get<0>(GetParam()); }
  static storage::littlefs::RamOptions ram() {
    return {.sector_count = 64 * 8, .needs_erasure = std::get<1>(GetParam())};
  }
  static bool metadata_moves() { return std::get<2>(GetParam()); }
  static storage::littlefs::Options storage_options() {
    storage::littlefs::Options its = options();
    its.file_system.block_cycles = metadata_moves() ? 2 : -1;
    return its;
  }

  // What is there before, on a medium that was written to before `age` times.
  FaultyDevice::Image begin(std::uint32_t age) {
    device_.insert(new_medium(ram()));
    StorageOn on(device_, storage_options());
    EXPECT_EQ(on.storage().mount(Format::never), Medium::ready);
    for (const std::string& folder : test_case().empty_folders) {
      EXPECT_TRUE(put(on.storage(), folder + "/file", "x"));
      EXPECT_TRUE(make(on.storage(), {folder + "/file"}));
    }
    std::uint32_t seed = 0;
    for (const std::string& path : test_case().paths) {
      ++seed;
      EXPECT_TRUE(put(on.storage(), path, some_bytes(seed % 2 == 0 ? 200 : 5000, seed)));
    }
    for (std::uint32_t i = 0; i < age; ++i)
      EXPECT_TRUE(put(on.storage(), "aging", some_bytes(100 + 50 * i, i)));
    before_ = after_ = {};
    collect(on.storage(), "", !test_case().may_leave_folders, before_);
    free_before_ = on.storage().free_bytes().value();
    after_ = after(before_, test_case().change);
    return device_.bytes();
  }

  // Makes the change, and empties the trash. Returns: whether success was told.
  bool run(const FaultyDevice::Image& image, std::uint64_t cut_at) {
    device_.insert(image);
    StorageOn on(device_, storage_options());
    EXPECT_EQ(on.storage().mount(Format::never), Medium::ready);
    const std::uint64_t begin = device_.write_count();
    device_.cut_at(cut_at);
    const bool was_told = make(on.storage(), test_case().change).has_value();
    poll_until_empty(on.storage());
    write_count_ = device_.write_count() - begin;
    if (device_.has_power()) free_after_ = on.storage().free_bytes().value();
    return was_told;
  }

  // Mounts what the power cut left. Returns: what is wrong; empty: nothing.
  std::string look(bool was_told) {
    ++cut_count_;
    StorageOn on(device_, storage_options());
    if (on.storage().mount(Format::never) != Medium::ready) return "it cannot be mounted";
    Files files;
    collect(on.storage(), "", !test_case().may_leave_folders, files);
    if (files != after_ && (was_told || files != before_)) return "the files are something else";
    poll_until_empty(on.storage());
    Files later;
    collect(on.storage(), "", !test_case().may_leave_folders, later);
    if (later != files) return "what was emptied was not trash";
    const std::uint64_t available = on.storage().free_bytes().value();
    // Metadata that moves may take another pair of blocks for good; so do folders that were made.
    const std::uint64_t pairs =
        (metadata_moves() ? 2u : 0u) + (test_case().may_leave_folders ? 2u : 0u);
    if (available + pairs * 2 * 4096 < std::min(free_before_, free_after_)) return "space is lost";
    on.storage().unmount();
    return count_debris(device_) == 0 ? "" : "staging or trash is left";
  }

  void TearDown() override { all_cuts_ += cut_count_; }
  static void TearDownTestSuite() {
    std::printf("%llu power cuts\n", static_cast<unsigned long long>(all_cuts_));
  }

  FaultyDevice device_;
  Files before_, after_;
  std::uint64_t free_before_ = 0, free_after_ = 0;
  std::uint64_t write_count_ = 0;
  std::uint64_t cut_count_ = 0;
  inline static std::uint64_t all_cuts_ = 0;
};

TEST_P(ChangeCut, AtEveryWriteWithEveryFateLeavesAllAsBeforeOrAllAsAfter) {
  const std::uint32_t ages = test_case().paths.size() > 3 ? 2 : 8;
  for (std::uint32_t age = 0; age < ages; ++age) {
    const FaultyDevice::Image image = begin(age);
    ASSERT_NE(before_, after_);
    ASSERT_TRUE(run(image, FaultyDevice::kNever));
    ASSERT_EQ(look(true), "") << "without a power cut";
    const std::uint64_t writes = write_count_;
    for (std::uint64_t index = 0; index < writes; ++index) {
      const bool was_told = run(image, index);
      ASSERT_FALSE(device_.has_power());
      const FaultyDevice at_cut = device_;
      for (const Earlier earlier : kAllEarlier) {
        if (at_cut.earlier_count() == 0 && earlier != Earlier::kept) continue;
        for (const Last last : kAllLast) {
          device_ = at_cut;
          device_.power_on({earlier, last}, static_cast<std::uint32_t>(index));
          ASSERT_EQ(look(was_told), "")
              << "write " << index << " of " << writes << ", earlier ones "
              << static_cast<int>(earlier) << ", it " << static_cast<int>(last);
        }
      }
    }
  }
  EXPECT_GT(cut_count_, 40u);
}

// The device fails at one write, and goes on after a mount.
TEST_P(ChangeCut, WriteThatFailsLeavesAllAsBeforeOrAllAsAfter) {
  const FaultyDevice::Image image = begin(1);
  ASSERT_TRUE(run(image, FaultyDevice::kNever));
  const std::uint64_t writes = write_count_;
  for (std::uint64_t index = 0; index < writes; ++index) {
    bool was_told = false;
    device_.insert(image);
    {
      StorageOn on(device_, storage_options());
      ASSERT_EQ(on.storage().mount(Format::never), Medium::ready);
      device_.fail_at(index, DeviceStatus::failed);
      const Result<> made = make(on.storage(), test_case().change);
      was_told = made.has_value();
      EXPECT_TRUE(was_told || made.error() == Error::disk_failed) << index;
      poll_until_empty(on.storage());
      Files files;
      collect(on.storage(), "", !test_case().may_leave_folders, files);
      EXPECT_TRUE(files == after_ || (!was_told && files == before_)) << index;
    }
    ASSERT_EQ(look(was_told), "") << "write " << index << " of " << writes;
  }
}

INSTANTIATE_TEST_SUITE_P(Media, ChangeCut,
                         ::testing::Combine(::testing::ValuesIn(kCases), ::testing::Bool(),
                                            ::testing::Bool()),
                         [](const auto& its) {
                           return std::string(std::get<0>(its.param).name) +
                                  (std::get<1>(its.param) ? "OnFlash" : "OnCard") +
                                  (std::get<2>(its.param) ? "AsMetadataMoves" : "");
                         });

}  // namespace
}  // namespace wherry::powerloss
