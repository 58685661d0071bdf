// SPDX-License-Identifier: MIT
// Engine: what is inside an AsioLoop. For this port's own sources.
//
// One Asio context, one alarm for everything that has a time, one wait for the posts of other
// threads, one for all connections, and a list of those that are open.
// Invariant: handlers called by Asio finish operations and open connections; they resume nobody.
// Replies wait in the outbox only while a round of the ready list runs.
#pragma once

#include <atomic>
#include <cstdint>

#include "wherry/coro/mailbox.h"
#include "wherry/coro/waiter.h"
#include "wherry/net/asio/asio_library.h"
#include "wherry/net/asio/handler_memory.h"
#include "wherry/net/asio/outbox.h"
#include "wherry/net/asio/readiness.h"
#include "wherry/net/net.h"
#include "wherry/net/posted_list.h"
#include "wherry/net/sleep_list.h"

namespace wherry::net::asio {

class AsioConnection;

class Engine {
 public:
  Engine() noexcept;
  ~Engine();

  void run() noexcept;
  void stop() noexcept;
  void post(coro::Completion& completion) noexcept;

  /// Milliseconds since the program started; the same in every loop.
  static std::uint64_t uptime_ms() noexcept;

  void begin_sleep(Loop::Sleep& sleep) noexcept;
  void cancel_sleep(Loop::Sleep& sleep) noexcept { sleepers_.remove(sleep); }

  /// Looks after the connection's time limits, until remove().
  void add(AsioConnection& connection) noexcept;
  void remove(AsioConnection& connection) noexcept;

  /// Runs the handlers of waits that were cancelled, so that what they refer to may be destroyed.
  void run_cancelled_handlers() noexcept { context_.poll(); }

  Outbox& outbox() noexcept { return outbox_; }
  Readiness& readiness() noexcept { return readiness_; }
  coro::ReadyList& ready_list() noexcept { return ready_list_; }
  Executor executor() noexcept { return context_.get_executor(); }

 private:
  void run_round() noexcept;
  void wake() noexcept;
  void wait_for_posts() noexcept;
  void posts_have_come() noexcept;
  void wait_for_connections() noexcept;
  void connections_have_changed() noexcept;
  void set_alarm() noexcept;
  void alarm_rang() noexcept;
  void finish_overdue(std::uint64_t now_ms) noexcept;

  coro::ReadyList ready_list_;
  PostedList posted_;
  bool has_posts_ = false;
  std::atomic<bool> is_stopping_ = false;

  SleepList sleepers_;
  Outbox outbox_;
  AsioConnection* first_open_ = nullptr;
  std::uint64_t next_sweep_ms_ = 0;  // when the open connections are looked at next
  std::uint64_t alarm_ms_ = 0;       // what the timer is set to, while is_alarm_set_
  bool is_alarm_set_ = false;

  // Declared in this order because Asio, when it ends, returns the memory of waits still pending.
  HandlerMemory alarm_memory_;
  HandlerMemory posts_memory_;
  HandlerMemory connections_memory_;
  ::asio::io_context context_;
  Timer alarm_;
  Descriptor wakeup_;    // becomes readable when another thread calls
  int wakeup_end_ = -1;  // what such a thread writes into
  Readiness readiness_;
  Descriptor connections_;  // becomes readable when one of them can go on
};

}  // namespace wherry::net::asio
