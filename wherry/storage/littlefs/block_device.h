// SPDX-License-Identifier: MIT
// BlockDevice: the medium below littlefs, as a board's driver implements it: an SD card, a NOR
// flash, a host's file. Knows no file system.
//
// What a driver must promise, because littlefs builds on it:
// - after sync() returned ok, everything programmed and erased before it survives a power cut;
// - what was programmed is read back as it is, also before a sync;
// - a power cut harms only what is programmed or erased since the last sync: those sectors may then
//   hold the old bytes, the new ones or anything else, each for itself.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wherry/base/bytes.h"

namespace wherry::storage::littlefs {

enum class DeviceStatus : std::uint8_t {
  ok,
  bad_sector,  // this place is worn out: littlefs takes another
  failed,      // the device does not answer, or there is none
};

class BlockDevice {
 public:
  /// The smallest piece that is read or programmed. Bytes; constant.
  virtual std::size_t sector_bytes() const noexcept = 0;
  /// Sectors on the device. Constant while it is mounted.
  virtual std::uint32_t sector_count() const noexcept = 0;

  /// Called before each mount: looks which medium there is now, for one may have come, gone, or
  /// taken another's place. What was read of it before counts no more.
  virtual void find() noexcept {}

  // All calls end at once, having done the work; they may take as long as the medium does, so this
  // is where a watchdog is fed. `into` and `bytes` are whole sectors, aligned to 4 bytes or more.
  virtual DeviceStatus read(std::uint32_t first_sector, MutableBytes into) noexcept = 0;
  /// Only sectors are programmed that were erased since they were last.
  virtual DeviceStatus program(std::uint32_t first_sector, Bytes bytes) noexcept = 0;
  /// Makes sectors ready to be programmed (whole blocks of Options::block_bytes); what they hold
  /// until then does not matter. Nothing to do where sectors can be overwritten.
  virtual DeviceStatus erase(std::uint32_t first_sector, std::uint32_t count) noexcept = 0;
  virtual DeviceStatus sync() noexcept = 0;

 protected:
  ~BlockDevice() = default;
};

}  // namespace wherry::storage::littlefs
