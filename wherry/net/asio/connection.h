// SPDX-License-Identifier: MIT
// AsioConnection: one TCP connection. For this port's own sources.
//
// Each operation first tries the system call, unless it is known to be in vain; only when that
// would block does it wait for readiness. Such a wait is never cancelled, except by closing: when
// it ends it serves whatever is pending by then, or nobody. So a read that timed out and the next
// one share one wait, and its memory is part of this object. Invariant: once closed, the object
// goes back to its listener when Asio refers to it no more.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "wherry/net/asio/address.h"
#include "wherry/net/asio/asio_library.h"
#include "wherry/net/asio/handler_memory.h"
#include "wherry/net/net.h"

namespace wherry::net::asio {

class AsioConnection;
class Engine;

/// Whoever owns connections.
class ConnectionHome {
 public:
  /// Takes back one that was closed. Called on the loop, also from within close().
  virtual void give_back(AsioConnection& connection) noexcept = 0;

 protected:
  ~ConnectionHome() = default;
};

class AsioConnection final : public Connection {
 public:
  AsioConnection(Engine& engine, ConnectionHome& home) noexcept;
  ~AsioConnection();

  /// Becomes the connection of `descriptor`, which it closes later, non-blocking already.
  /// Errors: no_memory (the kernel has no room to watch it); `descriptor` is then closed.
  Result<> open(int descriptor, const sockaddr_storage& peer) noexcept;

  /// Ends the operations whose time has run out.
  void finish_overdue(std::uint64_t now_ms) noexcept;

  // Sink
  int descriptor() const noexcept override;

  // Connection
  void set_write_idle_ms(std::uint32_t write_idle_ms) noexcept override;
  void shut_down_sending() noexcept override;
  void close() noexcept override;
  void abort() noexcept override;
  std::string_view peer() const noexcept override { return peer_; }

  // For the engine: its list of open connections. For the listener: its list of free ones.
  AsioConnection* previous_open = nullptr;
  AsioConnection* next_open = nullptr;
  AsioConnection* next_free = nullptr;

 protected:
  void begin_read(Read& operation) noexcept override;
  void cancel_read(Read& operation) noexcept override;
  void begin_write(Write& operation) noexcept override;
  void cancel_write(Write& operation) noexcept override;
  void begin_writable(Writable& operation) noexcept override;
  void cancel_writable(Writable& operation) noexcept override;
  void on_sent_directly() noexcept override;

 private:
  void receive() noexcept;
  void send() noexcept;
  long send_some() noexcept;
  void look_for_room() noexcept;
  void finish_sending_with(Error error) noexcept;
  void wait_for_input() noexcept;
  void wait_for_room() noexcept;
  void input_has_come() noexcept;
  void room_has_come() noexcept;
  void restart_write_idle() noexcept;
  void leave_if_forgotten() noexcept;

  Engine& engine_;
  ConnectionHome& home_;
  Descriptor socket_;
  HandlerMemory input_memory_;
  HandlerMemory room_memory_;

  Read* read_ = nullptr;
  Write* write_ = nullptr;        // at most one of these
  Writable* writable_ = nullptr;  // two is pending
  std::uint64_t read_due_ms_ = 0;
  std::uint64_t write_due_ms_ = 0;
  std::uint32_t write_idle_ms_ = 0;
  int untaken_size_ = 0;  // bytes that the peer had not taken when the write idle time began

  bool is_open_ = false;
  bool has_taken_all_ = false;   // the last read took all that had come by then
  bool may_have_input_ = false;  // a read may find something without waiting
  bool is_waiting_for_input_ = false;
  bool is_waiting_for_room_ = false;
  bool has_sent_bytes_ = false;  // since the write idle time began

  AddressText peer_;
};

}  // namespace wherry::net::asio
