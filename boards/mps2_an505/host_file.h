// SPDX-License-Identifier: MIT
// HostFile: a file of the machine that runs the emulator, as the medium below littlefs: by
// semihosting, since this board has nothing that keeps bytes.
//
// Its name is the emulator's first semihosting argument.
#pragma once

#include <cstdint>

#include "wherry/storage/littlefs/block_device.h"

namespace wherry::boards {

class HostFile final : public storage::littlefs::BlockDevice {
 public:
  static constexpr std::size_t kSectorBytes = 512;

  /// Opens it. Returns: whether there is one.
  bool start() noexcept;

  // BlockDevice
  void find() noexcept override {
    if (handle_ < 0) start();
  }
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
  bool seek(std::uint32_t sector) noexcept;

  int handle_ = -1;
  std::uint32_t sector_count_ = 0;
};

}  // namespace wherry::boards
