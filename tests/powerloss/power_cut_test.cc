// SPDX-License-Identifier: MIT
// The power goes at every write of an upload, with every fate of what was not synced. After each:
// the old file or the new one, whole; bystanders intact; no staging; the space back.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/powerloss/upload.h"

namespace wherry::powerloss {
namespace {

using storage::littlefs::some_bytes;

struct Case {
  const char* name;
  const char* path;
  bool is_new_each_time;  // else over what the last upload left
  std::size_t size;
  int count;            // uploads, one after the other; enough for metadata to be compacted
  bool metadata_moves;  // after few compactions, as it does after many for wear levelling
};

constexpr Case kCases[] = {
    {"OverAFile", "file", false, 12'000, 5, false},
    {"OverASmallFile", "file", false, 300, 24, false},
    {"OverASmallFileAsMetadataMoves", "file", false, 300, 30, true},
    {"OverAFileInAFolder", "folder/file", false, 5'000, 10, true},
    {"NewFile", "file", true, 5'000, 6, false},
    {"NewFileInNewFolders", "one/two/file", true, 3'000, 5, false},
    {"NewFileInNewFoldersAsMetadataMoves", "one/two/file", true, 300, 6, true},
};

class PowerCut : public ::testing::TestWithParam<std::tuple<Case, bool>> {
 protected:
  PowerCut() : device_(ram()) {}

  static storage::littlefs::RamOptions ram() {
    return {.sector_count = 64 * 8, .needs_erasure = std::get<1>(GetParam())};
  }
  static const Case& test_case() { return std::get<0>(GetParam()); }

  static storage::littlefs::Options storage_options() {
    storage::littlefs::Options its = options();
    its.file_system.block_cycles = test_case().metadata_moves ? 2 : -1;
    return its;
  }

  /// Uploads without a fault. Returns: how many writes that took.
  std::uint64_t upload_whole(const FaultyDevice::Image& image, const Upload& upload) {
    device_.insert(image);
    StorageOn on(device_, storage_options());
    EXPECT_EQ(on.storage().mount(Format::never), Medium::ready);
    free_before_ = on.storage().free_bytes().value();
    const std::uint64_t begin = device_.write_count();
    EXPECT_TRUE(put(on.storage(), upload.path, upload.new_text));
    free_after_ = on.storage().free_bytes().value();
    return device_.write_count() - begin;
  }

  /// Uploads until the power goes in the `index`-th write. Returns: whether success was told.
  bool upload_until_cut(const FaultyDevice::Image& image, const Upload& upload,
                        std::uint64_t index) {
    device_.insert(image);
    StorageOn on(device_, storage_options());
    EXPECT_EQ(on.storage().mount(Format::never), Medium::ready);
    device_.cut_at(index);
    return put(on.storage(), upload.path, upload.new_text).has_value();
  }

  /// Mounts what the power cut left. Returns: what is wrong; empty: nothing.
  std::string look(const Upload& upload, bool was_told) {
    ++cut_count_;
    StorageOn on(device_, storage_options());
    if (on.storage().mount(Format::never) != Medium::ready) return "it cannot be mounted";
    const std::string wrong = look_at_files(on.storage(), upload, was_told);
    if (!wrong.empty()) return wrong;
    const std::uint64_t available = on.storage().free_bytes().value();
    // Metadata that moves may take another pair of blocks for good, a little earlier than it would.
    const std::uint64_t pair_bytes = test_case().metadata_moves ? 2 * 4096 : 0;
    if (available + pair_bytes < std::min(free_before_, free_after_)) return "space is lost";
    on.storage().unmount();
    return count_debris(device_) == 0 ? "" : "staging is left";
  }

  /// The uploads of this case, one after the other, so that they begin at different places of the
  /// logs of metadata; with `look_at` called for each.
  template <class LookAt>
  void for_each_upload(LookAt look_at) {
    FaultyDevice::Image image = new_medium(ram());
    const Case& its = test_case();
    std::optional<std::string> old_text;
    for (int i = 0; i < its.count && !HasFailure(); ++i) {
      Upload upload{its.path, old_text, some_bytes(its.size, static_cast<std::uint32_t>(i))};
      if (its.is_new_each_time) upload.path = std::to_string(i) + upload.path;
      const std::uint64_t writes = upload_whole(image, upload);
      const FaultyDevice::Image next = device_.bytes();
      look_at(image, upload, writes);
      image = next;
      if (!its.is_new_each_time) old_text = upload.new_text;
    }
  }

  void TearDown() override {
    EXPECT_GT(cut_count_, 100u);
    all_cuts_ += cut_count_;
  }
  static void TearDownTestSuite() {
    std::printf("%llu power cuts\n", static_cast<unsigned long long>(all_cuts_));
  }

  FaultyDevice device_;
  std::uint64_t free_before_ = 0;  // bytes, before and after an upload without a fault
  std::uint64_t free_after_ = 0;
  std::uint64_t cut_count_ = 0;
  inline static std::uint64_t all_cuts_ = 0;
};

TEST_P(PowerCut, AtEveryWriteWithEveryFateLeavesTheOldOrTheNewFile) {
  for_each_upload(
      [&](const FaultyDevice::Image& image, const Upload& upload, std::uint64_t writes) {
        // One more than there are: a cut after success was told.
        for (std::uint64_t index = 0; index <= writes; ++index) {
          const bool was_told = upload_until_cut(image, upload, index);
          ASSERT_EQ(device_.has_power(), index == writes);
          ASSERT_EQ(was_told, index == writes);
          const FaultyDevice at_cut = device_;
          for (const Earlier earlier : kAllEarlier) {
            if (at_cut.earlier_count() == 0 && earlier != Earlier::kept) continue;
            for (const Last last : kAllLast) {
              if (was_told && last != Last::none) continue;
              device_ = at_cut;
              device_.power_on({earlier, last}, static_cast<std::uint32_t>(index));
              ASSERT_EQ(look(upload, was_told), "")
                  << "write " << index << " of " << writes << ", earlier ones "
                  << static_cast<int>(earlier) << ", it " << static_cast<int>(last);
            }
          }
        }
      });
}

// The power comes back, and goes again at every write of the mount that cleans up.
TEST_P(PowerCut, AgainAtEveryWriteOfTheMountAfterIt) {
  for_each_upload([&](const FaultyDevice::Image& image, const Upload& upload,
                      std::uint64_t writes) {
    for (std::uint64_t index = 0; index < writes; ++index) {
      upload_until_cut(image, upload, index);
      device_.power_on({Earlier::kept, Last::none}, 0);
      const FaultyDevice::Image after_cut = device_.bytes();
      for (std::uint64_t again = 0;; ++again) {
        device_.insert(after_cut);
        {
          StorageOn on(device_, storage_options());
          device_.cut_at(again);
          on.storage().mount(Format::never);
        }
        if (device_.has_power()) break;
        const FaultyDevice at_cut = device_;
        for (const Fate fate : {Fate{Earlier::kept, Last::none}, Fate{Earlier::kept, Last::garbage},
                                Fate{Earlier::lost, Last::whole}}) {
          device_ = at_cut;
          device_.power_on(fate, static_cast<std::uint32_t>(again));
          ASSERT_EQ(look(upload, false), "") << "write " << index << ", then " << again;
        }
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Media, PowerCut,
                         ::testing::Combine(::testing::ValuesIn(kCases), ::testing::Bool()),
                         [](const auto& its) {
                           return std::string(std::get<0>(its.param).name) +
                                  (std::get<1>(its.param) ? "OnFlash" : "OnCard");
                         });

}  // namespace
}  // namespace wherry::powerloss
