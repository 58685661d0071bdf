// SPDX-License-Identifier: MIT
// Firmware: the file-transfer server on a board: every part of it, in static memory, and the loop
// that runs them. A board's main.cc says how much there is of everything, and runs it.
#pragma once

#include <array>
#include <cstdint>

#include "boards/common/boot_config.h"
#include "boards/common/clock.h"
#include "boards/common/console.h"
#include "boards/common/cortex_m.h"
#include "boards/common/ethernet.h"
#include "boards/common/machine_status.h"
#include "boards/common/network.h"
#include "boards/common/ram_sum.h"
#include "boards/common/transfer_lines.h"
#include "boards/common/watchdog.h"
#include "wherry/app/input.h"
#include "wherry/app/server.h"
#include "wherry/base/assert.h"
#include "wherry/net/lwip/listener.h"
#include "wherry/net/lwip/loop.h"
#include "wherry/net/lwip/pool_sizes.h"
#include "wherry/storage/littlefs/littlefs_storage.h"

namespace wherry::boards {

/// The constant memory of the image: what lies there is sent without a copy.
Bytes flash() noexcept;

/// Says on the console what has become of the storage.
void tell_storage(storage::littlefs::Medium medium) noexcept;

/// When a card is formatted that comes up unlike one of ours.
storage::littlefs::Format format_of(const BootConfig& config) noexcept;

/// Mounts the storage and reads boot.json: the defaults are `config`'s. Tells the console how both
/// went. `memory`: kBootMemoryBytes, until it returns.
inline constexpr std::size_t kBootMemoryBytes = kMaxBootConfigBytes + kBootConfigMemoryBytes;
BootConfig boot(storage::littlefs::LittlefsStorage& storage, BootConfig config,
                MutableBytes memory) noexcept;

/// What `limits` say where the configuration says nothing, and the other way round.
BootConfig defaults_of(const app::Limits& limits) noexcept;
app::Limits with(app::Limits limits, const BootConfig& config) noexcept;

/// Everything but the drivers. `kFiles`: how much there is for open files.
template <app::Limits kLimits, storage::littlefs::Options kFiles>
class Firmware {
 public:
  /// Mounts `device`, reads boot.json, starts the network. `app`: what is served.
  /// Lifetime: all outlive the firmware: that is for ever.
  Firmware(const app::App& app, storage::littlefs::BlockDevice& device,
           const NetworkOptions& options) noexcept
      : storage_(device, storage_memory_, kFiles),
        server_(app, limits_, storage_, loop_, &lines_, memory_.bytes) {
    server_.tell_also(status_);
    network_.start(options, config_);
    const Result<> opened = listener_.open(static_cast<std::uint16_t>(config_.port));
    WHERRY_ASSERT(opened.has_value());  // nothing else is there that could hold the port
  }

  /// Serves.
  [[noreturn]] void run() noexcept {
    while (true) {
      watchdog::feed();
      const std::uint64_t now_ms = loop_.uptime_ms();
      const bool has_frames = network_.poll(now_ms);
      storage_.poll(now_ms);
      const bool has_work = loop_.run_once();
      if (storage_.medium() != told_medium_) tell_storage(told_medium_ = storage_.medium());
      console().poll();
      status_.round_took(loop_.uptime_ms() - now_ms);
      if (!has_frames && !has_work) sleep_until_interrupt();
    }
  }

  /// What the board's RAM is taken by. `driver_bytes`: the medium's; `stack_bytes`: memory.ld's.
  static constexpr RamSum ram_sum(std::size_t driver_bytes, std::size_t stack_bytes) noexcept;

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
  static_assert(sizeof(memory_) >= kBootMemoryBytes);
  // In this order: memory_ serves the reading of boot.json before it is the server's.
  const BootConfig config_ = boot(storage_, defaults_of(kLimits), memory_.bytes);
  const app::Limits limits_ = with(kLimits, config_);
  storage::littlefs::Medium told_medium_ = storage_.medium();
  app::Server server_;
  std::array<net::lwip::LwipConnection, kConnections> connections_;
  net::lwip::LwipListener listener_{loop_, server_, connections_};
};

template <app::Limits kLimits, storage::littlefs::Options kFiles>
constexpr RamSum Firmware<kLimits, kFiles>::ram_sum(std::size_t driver_bytes,
                                                    std::size_t stack_bytes) noexcept {
  using app::Server;
  using app::internal::round_up;
  using net::lwip::kPoolBytes;
  // lwIP's variables that are no pool, the drivers', and what aligning the large ones may cost.
  constexpr std::size_t kVariables = 768;
  constexpr std::size_t kSlots = kLimits.max_connections;
  constexpr std::size_t kHead = app::input_bytes(kLimits);

  RamSum sum{};
  sum.heads = kSlots * round_up(kHead, Server::kAlignment);
  sum.arenas = kSlots * round_up(kLimits.arena_bytes, Server::kAlignment);
  sum.slots =
      round_up(kSlots * (Server::slot_bytes() + Server::workspace_bytes()), Server::kAlignment);
  sum.common_arena = round_up(kLimits.common_arena_bytes, Server::kAlignment);
  sum.events = round_up(kLimits.kept_events * sizeof(app::TransferEvent), Server::kAlignment);
  sum.refusals = round_up(kLimits.max_refusals * Server::refusal_bytes(), Server::kAlignment);
  sum.connections = sizeof(connections_);
  sum.file_caches = 2 * kFiles.sector_bytes + kFiles.file_system.lookahead_bytes;
  sum.file_slots = sizeof(storage_memory_) - sum.file_caches;
  sum.packet_buffers = kPoolBytes[MEMP_PBUF_POOL];
  for (const std::size_t bytes : kPoolBytes) sum.pools += bytes;
  sum.pools -= sum.packet_buffers;
  sum.heap = net::lwip::kHeapBytes;
  // All that it has is either one of the arrays or one of its objects.
  sum.objects = sizeof(Firmware) - sizeof(memory_) - sizeof(connections_) -
                sizeof(storage_memory_) + driver_bytes;
  sum.console = sizeof(Console);
  sum.variables = kVariables;
  sum.stack = stack_bytes;
  static_assert(sizeof(memory_) == Server::required_bytes(kLimits));
  return sum;
}

}  // namespace wherry::boards
