// SPDX-License-Identifier: MIT
// LwipLoop: the loop of a board whose TCP/IP is lwIP.
//
// The board's main gives lwIP the packets that have come, calls run_once(), and sleeps until the
// next interrupt when that says that there is nothing to do. The board also provides what lwIP asks
// for by name: sys_now() and wherry_lwip_random(). This must not know of any network interface.
#pragma once

#include <cstdint>
#include <optional>

#include "wherry/base/bytes.h"
#include "wherry/net/lwip/connection.h"
#include "wherry/net/net.h"
#include "wherry/net/sleep_list.h"

namespace wherry::net::lwip {

class LwipLoop final : public Loop {
 public:
  using Clock = std::uint64_t (*)() noexcept;

  /// `clock`: milliseconds since the board started. `read_only`: memory that never changes (flash):
  /// what is sent from there is not copied.
  LwipLoop(Clock clock, Bytes read_only) noexcept : clock_(clock), read_only_(read_only) {}
  LwipLoop(const LwipLoop&) = delete;
  LwipLoop& operator=(const LwipLoop&) = delete;

  /// One round: lwIP's timers, what has become possible, who is ready, what was written.
  /// Returns: whether there is more to do at once; if not, the next packet or millisecond brings
  /// it.
  bool run_once() noexcept;

  // Loop
  std::uint64_t uptime_ms() const noexcept override { return clock_(); }
  std::optional<std::int64_t> unix_time_s() const noexcept override { return std::nullopt; }
  std::uint64_t random_bits() noexcept override;
  coro::ReadyList& ready_list() noexcept override { return ready_list_; }

  // For the connections:
  void add(LwipConnection& connection) noexcept;
  void remove(LwipConnection& connection) noexcept;
  bool is_read_only(Bytes bytes) const noexcept;

 protected:
  void begin_sleep(Sleep& operation) noexcept override;
  void cancel_sleep(Sleep& operation) noexcept override;

 private:
  void introduce_new() noexcept;

  Clock clock_;
  Bytes read_only_;
  coro::ReadyList ready_list_;
  SleepList sleepers_;
  LwipConnection* first_open_ = nullptr;
  LwipConnection* first_new_ = nullptr;  // not introduced yet,
  LwipConnection* last_new_ = nullptr;   // first come first
};

}  // namespace wherry::net::lwip
