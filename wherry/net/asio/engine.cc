// SPDX-License-Identifier: MIT
#include "wherry/net/asio/engine.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "wherry/net/asio/connection.h"
#include "wherry/net/asio/program_image.h"

namespace wherry::net::asio {
namespace {

using std::chrono::steady_clock;

// How late a time limit may strike.
constexpr std::uint32_t kSweepMs = 100;

const steady_clock::time_point started_at = steady_clock::now();

}  // namespace

// The context is told that one thread uses it and takes no locks: others only write into the
// wake-up pipe.
Engine::Engine() noexcept
    : context_(ASIO_CONCURRENCY_HINT_UNSAFE),
      alarm_(context_),
      wakeup_(context_),
      connections_(context_) {
  int ends[2];
  WHERRY_ASSERT(::pipe(ends) == 0);
  for (const int end : ends) {
    ::fcntl(end, F_SETFL, O_NONBLOCK);
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  wakeup_end_ = ends[1];
  static_cast<void>(ProgramImage::own());  // is made now, not in a request
  ::asio::error_code failure;
  wakeup_.assign(ends[0], failure);
  WHERRY_ASSERT(!failure);
  wait_for_posts();
  connections_.assign(readiness_.descriptor(), failure);
  WHERRY_ASSERT(!failure);
  wait_for_connections();
}

Engine::~Engine() {
  WHERRY_ASSERT(first_open_ == nullptr && sleepers_.is_empty());
  ::close(wakeup_end_);
  connections_.release();
}

void Engine::run() noexcept {
  while (!is_stopping_.load(std::memory_order_acquire)) {
    // One handler a round: Asio has few, and the one for connections speaks for all of them.
    ready_list_.is_empty() ? context_.run_one() : context_.poll_one();
    if (has_posts_) {
      has_posts_ = false;
      posted_.run_all();
    }
    run_round();
  }
  is_stopping_.store(false, std::memory_order_relaxed);
}

// Where nobody else is ready, those whose replies have been sent need no look at the network to go
// on: they have little left to do.
void Engine::run_round() noexcept {
  outbox_.begin_round();
  ready_list_.run_round();
  const bool is_nobody_ready = ready_list_.is_empty();
  outbox_.end_round();
  if (is_nobody_ready) ready_list_.run_round();
}

void Engine::stop() noexcept {
  is_stopping_.store(true, std::memory_order_release);
  wake();
}

void Engine::post(coro::Completion& completion) noexcept {
  if (posted_.post(completion)) wake();
}

// A full pipe needs no further byte: it is readable.
void Engine::wake() noexcept {
  const int errno_before = errno;  // a signal handler may be calling
  const char byte = 0;
  while (::write(wakeup_end_, &byte, 1) < 0 && errno == EINTR) {
  }
  errno = errno_before;
}

void Engine::wait_for_posts() noexcept {
  wakeup_.async_wait(Descriptor::wait_read,
                     Handler<Engine, &Engine::posts_have_come>(*this, posts_memory_));
}

// The posts themselves are run after the handlers, once a round: nobody who posts without end can
// keep the loop here.
void Engine::posts_have_come() noexcept {
  char bytes[64];
  while (::read(wakeup_.native_handle(), bytes, sizeof(bytes)) > 0) {
  }
  has_posts_ = true;
  wait_for_posts();
}

void Engine::wait_for_connections() noexcept {
  connections_.async_wait(Descriptor::wait_read, Handler<Engine, &Engine::connections_have_changed>(
                                                     *this, connections_memory_));
}

void Engine::connections_have_changed() noexcept {
  readiness_.collect();
  wait_for_connections();
}

std::uint64_t Engine::uptime_ms() noexcept {
  using std::chrono::milliseconds;
  const auto uptime = std::chrono::duration_cast<milliseconds>(steady_clock::now() - started_at);
  return static_cast<std::uint64_t>(uptime.count());
}

void Engine::begin_sleep(Loop::Sleep& sleep) noexcept {
  // The millisecond that has begun does not count: a sleep is never shorter than it says.
  sleepers_.insert(sleep, uptime_ms() + sleep.duration_ms() + (sleep.duration_ms() > 0 ? 1 : 0));
  set_alarm();
}

void Engine::add(AsioConnection& connection) noexcept {
  connection.previous = nullptr;
  connection.next = first_open_;
  if (first_open_ != nullptr) {
    first_open_->previous = &connection;
    first_open_ = &connection;
    return;
  }
  first_open_ = &connection;
  next_sweep_ms_ = uptime_ms() + kSweepMs;
  set_alarm();
}

void Engine::remove(AsioConnection& connection) noexcept {
  (connection.previous != nullptr ? connection.previous->next : first_open_) = connection.next;
  if (connection.next != nullptr) connection.next->previous = connection.previous;
}

// Sets the alarm to the next time at which something is due. One that is set too early rings in
// vain; one that is set too late is cancelled, and its handler sets it anew.
void Engine::set_alarm() noexcept {
  if (sleepers_.is_empty() && first_open_ == nullptr) return;
  std::uint64_t due_ms = UINT64_MAX;
  if (first_open_ != nullptr) due_ms = next_sweep_ms_;
  if (!sleepers_.is_empty()) due_ms = std::min(due_ms, sleepers_.first_due_ms());

  if (is_alarm_set_) {
    if (due_ms >= alarm_ms_) return;
    alarm_ms_ = 0;  // cancelled once
    alarm_.cancel();
    return;
  }
  is_alarm_set_ = true;
  alarm_ms_ = due_ms;
  alarm_.expires_at(started_at + std::chrono::milliseconds(due_ms));
  alarm_.async_wait(Handler<Engine, &Engine::alarm_rang>(*this, alarm_memory_));
}

void Engine::alarm_rang() noexcept {
  is_alarm_set_ = false;
  const std::uint64_t now_ms = uptime_ms();
  sleepers_.finish_due(now_ms);
  if (first_open_ != nullptr && now_ms >= next_sweep_ms_) finish_overdue(now_ms);
  set_alarm();
}

void Engine::finish_overdue(std::uint64_t now_ms) noexcept {
  next_sweep_ms_ = now_ms + kSweepMs;
  for (AsioConnection* connection = first_open_; connection != nullptr;
       connection = connection->next) {
    connection->finish_overdue(now_ms);
  }
}

}  // namespace wherry::net::asio
