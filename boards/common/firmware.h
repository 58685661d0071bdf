// SPDX-License-Identifier: MIT
// Firmware: the file-transfer server on a board: every part of it, in static memory, and the loop
// that runs them. A board's main.cc says how much there is of everything, and runs it.
#pragma once

#include <array>
#include <cstdint>

#include "boards/common/clock.h"
#include "boards/common/console.h"
#include "boards/common/cortex_m.h"
#include "boards/common/ethernet.h"
#include "boards/common/machine_status.h"
#include "boards/common/network.h"
#include "boards/common/transfer_lines.h"
#include "wherry/app/server.h"
#include "wherry/base/assert.h"
#include "wherry/net/lwip/listener.h"
#include "wherry/net/lwip/loop.h"
#include "wherry/storage/littlefs/littlefs_storage.h"
#include "wherry/transfer/service.h"

namespace wherry::boards {

/// The constant memory of the image: what lies there is sent without a copy.
Bytes flash() noexcept;

/// Says on the console what has become of the storage.
void tell_storage(storage::littlefs::Medium medium) noexcept;

/// Everything but the drivers. `kFiles`: how much there is for open files.
template <app::Limits kLimits, storage::littlefs::Options kFiles>
class Firmware {
 public:
  /// Mounts `device`, starts the network. Lifetime: both outlive the firmware: that is for ever.
  Firmware(storage::littlefs::BlockDevice& device, const NetworkOptions& options) noexcept
      : storage_(device, storage_memory_, kFiles) {
    const auto medium = storage_.mount(storage::littlefs::Format::if_blank);
    tell_storage(medium);
    server_.tell_also(status_);
    network_.start(options);
    const Result<> opened = listener_.open(options.port);
    WHERRY_ASSERT(opened.has_value());  // nothing else is there that could hold the port
  }

  /// Serves.
  [[noreturn]] void run() noexcept {
    while (true) {
      const std::uint64_t now_ms = loop_.uptime_ms();
      const bool has_frames = network_.poll(now_ms);
      storage_.poll(now_ms);
      const bool has_work = loop_.run_once();
      console().poll();
      status_.round_took(loop_.uptime_ms() - now_ms);
      if (!has_frames && !has_work) sleep_until_interrupt();
    }
  }

 private:
  static void sleep_until_interrupt() noexcept {
    const InterruptLock lock;
    if (!ethernet::arm_interrupt()) lock.sleep();
  }

  static constexpr std::size_t kConnections = kLimits.max_connections + kLimits.max_refusals;

  alignas(storage::littlefs::LittlefsStorage::kAlignment) std::byte
      storage_memory_[storage::littlefs::LittlefsStorage::required_bytes(kFiles)];
  storage::littlefs::LittlefsStorage storage_;
  Network network_;
  TransferLines lines_;
  MachineStatus status_;
  net::lwip::LwipLoop loop_{&uptime_ms, flash()};
  app::ServerMemory<kLimits> memory_;
  app::Server server_{transfer::kService, kLimits, storage_, loop_, &lines_, memory_.bytes};
  std::array<net::lwip::LwipConnection, kConnections> connections_;
  net::lwip::LwipListener listener_{loop_, server_, connections_};
};

}  // namespace wherry::boards
