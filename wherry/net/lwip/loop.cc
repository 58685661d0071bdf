// SPDX-License-Identifier: MIT
#include "wherry/net/lwip/loop.h"

#include <functional>

#include "wherry/base/assert.h"
#include "wherry/net/lwip/lwip_library.h"

// A bug of lwIP's, or of how it is used, ends as ours do.
extern "C" void wherry_lwip_panic() { wherry::panic("an assertion of lwIP", __FILE__, __LINE__); }

namespace wherry::net::lwip {

bool LwipLoop::run_once() noexcept {
  sys_check_timeouts();
  introduce_new();
  const std::uint64_t now_ms = uptime_ms();
  for (auto* connection = first_open_; connection != nullptr; connection = connection->next_open) {
    connection->go_on(now_ms);
  }
  sleepers_.finish_due(now_ms);
  ready_list_.run_round();
  for (auto* connection = first_open_; connection != nullptr; connection = connection->next_open) {
    connection->flush();
  }
  return !ready_list_.is_empty();
}

std::uint64_t LwipLoop::random_bits() noexcept {
  const std::uint64_t high = LWIP_RAND();
  return high << 32 | LWIP_RAND();
}

// Whoever takes a connection may close another to make room: the list is not walked meanwhile.
void LwipLoop::introduce_new() noexcept {
  while (LwipConnection* const connection = first_new_) {
    first_new_ = connection->next;
    connection->introduce();
  }
}

void LwipLoop::add(LwipConnection& connection) noexcept {
  connection.previous_open = nullptr;
  connection.next_open = first_open_;
  if (first_open_ != nullptr) first_open_->previous_open = &connection;
  first_open_ = &connection;

  connection.next = nullptr;
  (first_new_ != nullptr ? last_new_->next : first_new_) = &connection;
  last_new_ = &connection;
}

void LwipLoop::remove(LwipConnection& connection) noexcept {
  (connection.previous_open != nullptr ? connection.previous_open->next_open : first_open_) =
      connection.next_open;
  if (connection.next_open != nullptr) {
    connection.next_open->previous_open = connection.previous_open;
  }
}

bool LwipLoop::is_read_only(Bytes bytes) const noexcept {
  const std::less_equal<const std::byte*> is_not_after;
  return is_not_after(read_only_.data(), bytes.data()) &&
         is_not_after(bytes.data() + bytes.size(), read_only_.data() + read_only_.size());
}

void LwipLoop::begin_sleep(Sleep& operation) noexcept {
  // The millisecond that has begun does not count: a sleep is never shorter than it says.
  const std::uint64_t rest_ms = operation.duration_ms() > 0 ? 1 : 0;
  sleepers_.insert(operation, uptime_ms() + operation.duration_ms() + rest_ms);
}

void LwipLoop::cancel_sleep(Sleep& operation) noexcept { sleepers_.remove(operation); }

}  // namespace wherry::net::lwip
