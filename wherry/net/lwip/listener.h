// SPDX-License-Identifier: MIT
// LwipListener: accepts connections at one port, for one loop.
//
// Its connections are given to it, fixed in number: as many as the acceptor can serve or refuse.
// Who comes when all are taken is not answered yet: TCP asks again, and again, until one is free (a
// reset would look like a server that is not there). It must not know what is served.
// Invariant: no more handshakes are under way than connections are free.
#pragma once

#include <cstdint>
#include <span>

#include "wherry/base/result.h"
#include "wherry/net/lwip/connection.h"
#include "wherry/net/lwip/loop.h"
#include "wherry/net/net.h"

namespace wherry::net::lwip {

class LwipListener final : private ConnectionHome {
 public:
  /// Lifetime: all outlive the listener. About 130 bytes a connection.
  LwipListener(LwipLoop& loop, Acceptor& acceptor, std::span<LwipConnection> connections) noexcept;
  /// Stops accepting. Every connection has been closed.
  ~LwipListener();
  LwipListener(const LwipListener&) = delete;
  LwipListener& operator=(const LwipListener&) = delete;

  /// Begins to accept, at every address of the machine. Once, after lwip_init().
  /// Errors: no_memory (lwIP has no control block left), busy (the port is in use).
  Result<> open(std::uint16_t port) noexcept;

  /// Open connections go on.
  void stop_accepting() noexcept;

  /// Connections that are not free.
  std::uint32_t open_count() const noexcept { return open_count_; }

 private:
  struct Callbacks;

  void introduce(LwipConnection& connection) noexcept override;
  void give_back(LwipConnection& connection) noexcept override;
  void put(LwipConnection& connection) noexcept;
  LwipConnection& take() noexcept;
  void limit_handshakes() noexcept;

  LwipLoop* loop_;
  Acceptor* acceptor_;
  tcp_pcb* control_ = nullptr;
  LwipConnection* first_free_ = nullptr;
  std::uint32_t free_count_ = 0;
  std::uint32_t open_count_ = 0;
};

}  // namespace wherry::net::lwip
