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
#include "boards/common/network.h"
#include "boards/common/transfer_lines.h"
#include "wherry/app/server.h"
#include "wherry/base/assert.h"
#include "wherry/net/lwip/listener.h"
#include "wherry/net/lwip/loop.h"
#include "wherry/transfer/service.h"

namespace wherry::boards {

/// The constant memory of the image: what lies there is sent without a copy.
Bytes flash() noexcept;

template <app::Limits kLimits>
class Firmware {
 public:
  /// Starts the network. Lifetime: all outlive the firmware, and that is for ever.
  Firmware(storage::Storage& storage, net::lwip::LwipLoop& loop,
           const NetworkOptions& options) noexcept
      : loop_(loop),
        server_(transfer::kService, kLimits, storage, loop, &lines_, memory_.bytes),
        listener_(loop, server_, connections_) {
    network_.start(options);
    const Result<> opened = listener_.open(options.port);
    WHERRY_ASSERT(opened.has_value());  // nothing else is there that could hold the port
  }

  /// Serves.
  [[noreturn]] void run() noexcept {
    while (true) {
      const bool has_frames = network_.poll(loop_.uptime_ms());
      const bool has_work = loop_.run_once();
      console().poll();
      if (!has_frames && !has_work) sleep_until_interrupt();
    }
  }

 private:
  static void sleep_until_interrupt() noexcept {
    const InterruptLock lock;
    if (!ethernet::arm_interrupt()) lock.sleep();
  }

  static constexpr std::size_t kConnections = kLimits.max_connections + kLimits.max_refusals;

  net::lwip::LwipLoop& loop_;
  Network network_;
  TransferLines lines_;
  app::ServerMemory<kLimits> memory_;
  std::array<net::lwip::LwipConnection, kConnections> connections_;
  app::Server server_;
  net::lwip::LwipListener listener_;
};

}  // namespace wherry::boards
