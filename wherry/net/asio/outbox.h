// SPDX-License-Identifier: MIT
// Outbox: connections of a loop that have a small reply to send, until the end of the round.
//
// Who is sent something is woken by it. Sent one by one, each as soon as it is made, replies find
// their reader asleep again; sent one after the other, they find it awake and still reading, which
// spares both sides most of what a small reply costs.
#pragma once

#include <array>
#include <cstddef>

namespace wherry::net::asio {

class AsioConnection;

class Outbox {
 public:
  /// So many replies are sent together at the most: so long the first of them may wait.
  static constexpr std::size_t kMostTogether = 64;

  /// Has the connection send when send_all() is called, or when so many wait.
  void put(AsioConnection& connection) noexcept;
  /// The connection, which is here, has nothing to send any more.
  void remove(AsioConnection& connection) noexcept;
  void send_all() noexcept;
  bool is_empty() const noexcept { return count_ == 0; }

 private:
  std::array<AsioConnection*, kMostTogether> waiting_;  // nullptr: removed
  std::size_t count_ = 0;
};

}  // namespace wherry::net::asio
