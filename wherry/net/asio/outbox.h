// SPDX-License-Identifier: MIT
// Outbox: connections of a loop that have a small reply to send, until the end of the round.
//
// Who is sent something is woken by it. Sent one by one, each as soon as it is made, replies find
// their reader asleep again; sent one after the other, they find it awake and still reading, which
// spares both sides most of what a small reply costs. They do not wait longer than for replies:
// before a connection is sent anything else, and when there are kMostTogether, they go out.
#pragma once

#include <array>
#include <cstddef>

namespace wherry::net::asio {

class AsioConnection;

class Outbox {
 public:
  static constexpr std::size_t kMostTogether = 32;

  /// From here to end_round() replies wait. What is written at other times does not.
  void begin_round() noexcept { is_open_ = true; }
  /// Sends what waits.
  void end_round() noexcept;

  /// Has the connection send when others do.
  /// Returns: false where it is to send at once.
  bool put(AsioConnection& connection) noexcept;
  /// The connection, which is here, has nothing to send any more.
  void remove(AsioConnection& connection) noexcept;
  void send_all() noexcept;

 private:
  std::array<AsioConnection*, kMostTogether> waiting_;  // nullptr: removed
  std::size_t count_ = 0;
  bool is_open_ = false;
};

}  // namespace wherry::net::asio
