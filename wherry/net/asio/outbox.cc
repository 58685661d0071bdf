// SPDX-License-Identifier: MIT
#include "wherry/net/asio/outbox.h"

#include <algorithm>
#include <span>
#include <utility>

#include "wherry/net/asio/connection.h"

namespace wherry::net::asio {

void Outbox::end_round() noexcept {
  is_open_ = false;
  send_all();
}

bool Outbox::put(AsioConnection& connection) noexcept {
  if (!is_open_) return false;
  if (count_ == waiting_.size()) send_all();
  waiting_[count_++] = &connection;
  return true;
}

void Outbox::remove(AsioConnection& connection) noexcept {
  std::ranges::replace(std::span(waiting_).first(count_), &connection, nullptr);
}

// What is sent ends operations, and resumes nobody: nothing comes here meanwhile.
void Outbox::send_all() noexcept {
  const std::span<AsioConnection*> waiting = std::span(waiting_).first(std::exchange(count_, 0));
  for (AsioConnection* connection : waiting) {
    if (connection != nullptr) connection->send_reply();
  }
}

}  // namespace wherry::net::asio
