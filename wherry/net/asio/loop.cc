// SPDX-License-Identifier: MIT
#include "wherry/net/asio/loop.h"

#include <sys/random.h>

#include <chrono>

#include "wherry/base/assert.h"
#include "wherry/net/asio/engine.h"

namespace wherry::net::asio {

AsioLoop::AsioLoop() noexcept : engine_(std::make_unique<Engine>()) {}
AsioLoop::~AsioLoop() = default;

void AsioLoop::run() noexcept { engine_->run(); }
void AsioLoop::stop() noexcept { engine_->stop(); }
void AsioLoop::post(coro::Completion& completion) noexcept { engine_->post(completion); }

std::uint64_t AsioLoop::uptime_ms() const noexcept { return Engine::uptime_ms(); }

std::optional<std::int64_t> AsioLoop::unix_time_s() const noexcept {
  using std::chrono::seconds;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::floor<seconds>(since_epoch).count();
}

std::uint64_t AsioLoop::random_bits() noexcept {
  std::uint64_t bits = 0;
  const ssize_t size = ::getrandom(&bits, sizeof(bits), 0);
  WHERRY_ASSERT(size == sizeof(bits));  // so few are never denied
  return bits;
}

coro::ReadyList& AsioLoop::ready_list() noexcept { return engine_->ready_list(); }
void AsioLoop::begin_sleep(Sleep& operation) noexcept { engine_->begin_sleep(operation); }
void AsioLoop::cancel_sleep(Sleep& operation) noexcept { engine_->cancel_sleep(operation); }

}  // namespace wherry::net::asio
