// SPDX-License-Identifier: MIT
// SdCard: an SD card in SPI mode, as the medium below littlefs.
//
// Source: SD Physical Layer Simplified Specification, chapter 7.
// A card programs a sector before it answers, so that sync() has nothing to do; it erases by
// itself, so that erase() has nothing to do either.
#pragma once

#include <cstdint>

#include "wherry/storage/littlefs/block_device.h"

namespace wherry::boards {

class SdCard final : public storage::littlefs::BlockDevice {
 public:
  static constexpr std::size_t kSectorBytes = 512;

  /// Finds out which card there is. Takes up to a second where one is slow to answer.
  /// Returns: whether there is one. May be called again.
  bool start() noexcept;

  // BlockDevice
  void find() noexcept override { start(); }
  std::size_t sector_bytes() const noexcept override { return kSectorBytes; }
  std::uint32_t sector_count() const noexcept override { return sector_count_; }
  storage::littlefs::DeviceStatus read(std::uint32_t first_sector,
                                       MutableBytes into) noexcept override;
  storage::littlefs::DeviceStatus program(std::uint32_t first_sector,
                                          Bytes bytes) noexcept override;
  storage::littlefs::DeviceStatus erase(std::uint32_t, std::uint32_t) noexcept override {
    return storage::littlefs::DeviceStatus::ok;
  }
  storage::littlefs::DeviceStatus sync() noexcept override {
    return storage::littlefs::DeviceStatus::ok;
  }

 private:
  bool identify() noexcept;
  bool read_sector(std::uint32_t sector, MutableBytes into) noexcept;
  bool program_sector(std::uint32_t sector, Bytes bytes) noexcept;
  /// Older cards count bytes, newer ones sectors.
  std::uint32_t address_of(std::uint32_t sector) const noexcept {
    return counts_sectors_ ? sector : sector * kSectorBytes;
  }

  std::uint32_t sector_count_ = 0;
  bool counts_sectors_ = false;
};

}  // namespace wherry::boards
