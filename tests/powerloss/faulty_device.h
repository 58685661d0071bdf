// SPDX-License-Identifier: MIT
// FaultyDevice: a medium in memory that loses power at its n-th write, with every fate that the
// contract of BlockDevice leaves to what was written since the last sync; or that fails at its n-th
// write and goes on. Deterministic.
#pragma once

#include <array>
#include <cstring>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "wherry/storage/littlefs/ram_storage_for_test.h"

namespace wherry::powerloss {

using storage::littlefs::DeviceStatus;

/// What became of the write under way when the power went.
enum class Last { none, first_half, second_half, garbage, whole };
/// What became of those before it that were not synced.
enum class Earlier { kept, lost, odd_kept, even_kept, random };

struct Fate {
  Earlier earlier;
  Last last;
};

inline constexpr std::array kAllEarlier = {Earlier::kept, Earlier::lost, Earlier::odd_kept,
                                           Earlier::even_kept, Earlier::random};
inline constexpr std::array kAllLast = {Last::none, Last::first_half, Last::second_half,
                                        Last::garbage, Last::whole};

class FaultyDevice final : public storage::littlefs::RamDevice {
 public:
  using Image = std::vector<std::byte>;
  static constexpr std::uint64_t kNever = UINT64_MAX;

  using RamDevice::RamDevice;

  /// The power goes in the `index`-th write or erasure from now on (0: the next).
  void cut_at(std::uint64_t index) { cut_at_ = write_count_ + index; }
  /// The `index`-th write or erasure from now on fails, once; or finds a bad sector, for good.
  void fail_at(std::uint64_t index, DeviceStatus status) {
    fail_at_ = write_count_ + index;
    fail_status_ = status;
  }
  std::uint64_t write_count() const { return write_count_; }
  bool has_power() const { return has_power_; }
  /// How many writes are not synced, without the one under way when the power went.
  std::size_t earlier_count() const { return unsynced_.size() - (has_power_ ? 0 : 1); }

  /// Whether a sector below `sector` was found bad.
  bool is_bad_before(std::uint32_t sector) const {
    return !bad_sectors_.empty() && *bad_sectors_.begin() < sector;
  }

  /// The power comes back, after `fate` befell what was not synced. `seed`: for what is random.
  void power_on(Fate fate, std::uint32_t seed) {
    for (std::size_t i = unsynced_.size(); i-- > 0;) {
      const Write& write = unsynced_[i];
      std::memcpy(bytes_at(write).data(), write.before.data(), write.before.size());
    }
    for (std::size_t i = 0; i < earlier_count(); ++i) {
      if (is_kept(fate.earlier, i, seed)) apply(unsynced_[i], unsynced_[i].data);
    }
    if (!has_power_) apply_last(unsynced_.back(), fate.last, seed);
    start_anew();
  }

  /// Another medium, without faults.
  void insert(const Image& image) {
    bytes() = image;
    bad_sectors_.clear();
    start_anew();
  }

  DeviceStatus read(std::uint32_t first_sector, MutableBytes into) noexcept override {
    return has_power_ ? RamDevice::read(first_sector, into) : DeviceStatus::failed;
  }
  DeviceStatus program(std::uint32_t first_sector, Bytes data) noexcept override {
    return write(first_sector, data, false);
  }
  DeviceStatus erase(std::uint32_t first_sector, std::uint32_t count) noexcept override {
    const std::vector<std::byte> ones(count * options_.sector_bytes, std::byte{0xFF});
    return write(first_sector, ones, true);
  }
  DeviceStatus sync() noexcept override {
    if (!has_power_) return DeviceStatus::failed;
    unsynced_.clear();
    return DeviceStatus::ok;
  }

 private:
  struct Write {
    std::uint32_t first_sector;
    bool is_erasure;
    Image before;
    Image data;
  };

  MutableBytes bytes_at(const Write& write) { return at(write.first_sector, write.before.size()); }

  DeviceStatus write(std::uint32_t first_sector, Bytes data, bool is_erasure) {
    if (!has_power_) return DeviceStatus::failed;
    const std::uint64_t index = write_count_++;
    if (index == fail_at_ && fail_status_ == DeviceStatus::failed) return DeviceStatus::failed;
    const auto count = static_cast<std::uint32_t>(data.size() / options_.sector_bytes);
    if (index == fail_at_) bad_sectors_.insert(first_sector);
    const auto bad = bad_sectors_.lower_bound(first_sector);
    if (bad != bad_sectors_.end() && *bad < first_sector + count) return DeviceStatus::bad_sector;

    const MutableBytes place = at(first_sector, data.size());
    unsynced_.push_back({first_sector, is_erasure, Image(place.begin(), place.end()),
                         Image(data.begin(), data.end())});
    if (index == cut_at_) {
      has_power_ = false;
      return DeviceStatus::failed;
    }
    apply(unsynced_.back(), data);
    return DeviceStatus::ok;
  }

  // An erasure is nothing to a card; on flash, programming only clears bits.
  void apply(const Write& write, Bytes data) {
    if (write.is_erasure && !options_.needs_erasure) return;
    const std::span<std::byte> place = bytes_at(write).first(data.size());
    for (std::size_t i = 0; i < data.size(); ++i)
      place[i] = options_.needs_erasure && !write.is_erasure ? place[i] & data[i] : data[i];
  }

  void apply_last(const Write& write, Last last, std::uint32_t seed) {
    const std::size_t half = write.data.size() / 2;
    switch (last) {
      case Last::none:
        return;
      case Last::first_half:
        return apply(write, Bytes(write.data).first(half));
      case Last::second_half: {
        const Bytes kept = bytes_at(write).first(half);
        const Image first(kept.begin(), kept.end());
        apply(write, write.data);
        std::memcpy(bytes_at(write).data(), first.data(), half);
        return;
      }
      case Last::garbage: {
        const std::string noise = storage::littlefs::some_bytes(write.data.size(), seed);
        std::memcpy(bytes_at(write).data(), noise.data(), noise.size());
        return;
      }
      case Last::whole:
        return apply(write, write.data);
    }
  }

  static bool is_kept(Earlier earlier, std::size_t index, std::uint32_t seed) {
    switch (earlier) {
      case Earlier::kept:
        return true;
      case Earlier::lost:
        return false;
      case Earlier::odd_kept:
        return index % 2 == 1;
      case Earlier::even_kept:
        return index % 2 == 0;
      case Earlier::random:
        return ((seed * 2654435761u + static_cast<std::uint32_t>(index) * 40503u) >> 13) % 2 == 0;
    }
    return true;
  }

  void start_anew() {
    unsynced_.clear();
    has_power_ = true;
    cut_at_ = fail_at_ = kNever;
  }

  std::vector<Write> unsynced_;
  std::set<std::uint32_t> bad_sectors_;
  std::uint64_t write_count_ = 0;
  std::uint64_t cut_at_ = kNever;
  std::uint64_t fail_at_ = kNever;
  DeviceStatus fail_status_ = DeviceStatus::ok;
  bool has_power_ = true;
};

}  // namespace wherry::powerloss
