// SPDX-License-Identifier: MIT
// LwipConnection: one TCP connection over lwIP's raw API. For this port's own sources, and for
// whoever gives a listener its memory.
//
// lwIP calls back while it takes a packet in: that moves bytes and finishes operations, and resumes
// nobody. What was received stays in lwIP's packet buffers until a read takes it, and only then the
// peer is told that there is room again. What is written is in lwIP's hands when the write ends: by
// a copy, or by a reference where it lies in read-only memory.
// Invariant: control_ is null from the moment on in which lwIP may free the control block by
// itself.
#pragma once

#include <cstdint>

#include "wherry/base/fixed_string.h"
#include "wherry/net/lwip/receive_queue.h"
#include "wherry/net/net.h"

struct tcp_pcb;

namespace wherry::net::lwip {

class LwipConnection;
class LwipLoop;

/// Whoever owns connections.
class ConnectionHome {
 public:
  /// Hands on one that was opened. Called by the loop, from outside of lwIP.
  virtual void introduce(LwipConnection& connection) noexcept = 0;
  /// Takes back one that was closed.
  virtual void give_back(LwipConnection& connection) noexcept = 0;

 protected:
  ~ConnectionHome() = default;
};

class LwipConnection final : public Connection {
 public:
  LwipConnection() = default;
  LwipConnection(const LwipConnection&) = delete;
  LwipConnection& operator=(const LwipConnection&) = delete;

  /// Becomes the connection of `control`, from within the callback that accepts it.
  void open(LwipLoop& loop, ConnectionHome& home, tcp_pcb& control) noexcept;

  // For the loop, once when it was opened, and once a round each:
  void introduce() noexcept { home_->introduce(*this); }
  /// Sends on where there is room again; ends what has run out of time.
  void go_on(std::uint64_t now_ms) noexcept;
  /// Lets go what was written in this round, in as few packets as it fits in.
  void flush() noexcept;

  // Connection
  void wait_for_input(InputWaiter& waiter, std::uint32_t within_ms) noexcept override;
  void set_write_idle_ms(std::uint32_t write_idle_ms) noexcept override;
  void shut_down_sending() noexcept override;
  void close() noexcept override;
  void abort() noexcept override;
  std::string_view peer(std::span<char, kPeerBytes>) const noexcept override { return peer_; }

  // For the loop: its list of open connections.
  LwipConnection* previous_open = nullptr;
  LwipConnection* next_open = nullptr;
  // For the listener: its list of free ones. For the loop: that of those not introduced yet.
  LwipConnection* next = nullptr;

 protected:
  void begin_read(Read& operation) noexcept override;
  void cancel_read(Read& operation) noexcept override;
  void begin_write(Write& operation) noexcept override;
  void cancel_write(Write& operation) noexcept override;
  void begin_writable(Writable& operation) noexcept override;
  void cancel_writable(Writable& operation) noexcept override;
  void on_sent_directly() noexcept override;

 private:
  struct Callbacks;

  void look_at_input() noexcept;
  void receive() noexcept;
  void send() noexcept;
  std::size_t begun_packet_bytes() const noexcept;
  bool hand_over(Bytes bytes, bool is_followed) noexcept;
  void finish_write_with(Error error) noexcept;
  void control_is_gone() noexcept;
  tcp_pcb* let_go() noexcept;
  void leave() noexcept;

  LwipLoop* loop_ = nullptr;
  ConnectionHome* home_ = nullptr;
  tcp_pcb* control_ = nullptr;
  ReceiveQueue received_;

  Read* read_ = nullptr;
  Write* write_ = nullptr;
  std::uint64_t read_due_ms_ = 0;
  std::uint64_t write_due_ms_ = 0;
  std::uint32_t write_idle_ms_ = 0;

  bool is_open_ = false;
  bool has_seen_end_ = false;        // the peer has finished sending
  bool has_finished_ = false;        // we have
  bool is_to_be_flushed_ = false;    // written, and not let go
  bool has_progress_ = false;        // the time for writing starts anew: asked often, read seldom
  bool has_unwanted_bytes_ = false;  // lwIP has bytes that the peer took too long to take

  FixedString<21> peer_;  // "255.255.255.255:65535"
};

}  // namespace wherry::net::lwip
