// SPDX-License-Identifier: MIT
// AsioLoop: the loop of one thread on Linux or macOS.
//
// It moves what the network has brought, runs what other threads have posted, runs a round of
// the ready list, and sleeps in the kernel when there is nothing to run. Nothing is taken from the
// heap once the sockets that it serves have been used for the first time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "wherry/coro/mailbox.h"
#include "wherry/net/net.h"

namespace wherry::net::asio {

class Engine;

class AsioLoop final : public Loop, public coro::Mailbox {
 public:
  AsioLoop() noexcept;
  /// No operation is pending, no thread is going to post, every listener is gone.
  ~AsioLoop();
  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;

  /// Serves until stop(). The calling thread is the loop's. May be called again after it returned.
  void run() noexcept;

  /// Has run() return after the round that it is in; when it is not running, has the next run()
  /// return at once. From any thread and from signal handlers. Nothing is closed or cancelled.
  void stop() noexcept;

  // Mailbox
  void post(coro::Completion& completion) noexcept override;

  // Loop
  std::uint64_t uptime_ms() const noexcept override;
  std::optional<std::int64_t> unix_time_s() const noexcept override;
  std::uint64_t random_bits() noexcept override;
  coro::ReadyList& ready_list() noexcept override;

  /// For the listeners of this port.
  Engine& engine() noexcept { return *engine_; }

 protected:
  void begin_sleep(Sleep& operation) noexcept override;
  void cancel_sleep(Sleep& operation) noexcept override;

 private:
  std::unique_ptr<Engine> engine_;
};

}  // namespace wherry::net::asio
