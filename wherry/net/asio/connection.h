// SPDX-License-Identifier: MIT
// AsioConnection: one TCP connection. For this port's own sources.
//
// Each operation first tries the system call, unless it is known to be in vain; only when that
// would block does it wait until the connection is told that something has changed. What it is
// told when nobody waits it keeps in mind, for it is told once. What is small and the first that is
// written after a read, as a reply is, waits in the outbox.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "wherry/net/asio/address.h"
#include "wherry/net/asio/readiness.h"
#include "wherry/net/net.h"

namespace wherry::net::asio {

class AsioConnection;
class Engine;

/// Whoever owns connections.
class ConnectionHome {
 public:
  explicit ConnectionHome(Engine& engine) noexcept : engine_(engine) {}
  Engine& engine() const noexcept { return engine_; }

  /// Takes back one that was closed. Called on the loop, also from within close().
  virtual void give_back(AsioConnection& connection) noexcept = 0;

 protected:
  ~ConnectionHome() = default;

 private:
  Engine& engine_;
};

class AsioConnection final : public Connection, private Readiness::Watcher {
 public:
  explicit AsioConnection(ConnectionHome& home) noexcept : home_(home) {}
  ~AsioConnection();

  /// Becomes the connection of `descriptor`, which it closes later, non-blocking already.
  /// Errors: no_memory (the kernel has no room to watch it); `descriptor` is then closed.
  Result<> open(int descriptor, const sockaddr_storage& peer) noexcept;

  /// Ends the operations whose time has run out.
  void finish_overdue(std::uint64_t now_ms) noexcept;

  /// For the outbox: sends what waited there.
  void send_reply() noexcept;

  // Sink
  int descriptor() const noexcept override { return descriptor_; }

  // Connection
  void wait_for_input(InputWaiter& waiter, std::uint32_t within_ms) noexcept override;
  void set_write_idle_ms(std::uint32_t write_idle_ms) noexcept override;
  void shut_down_sending() noexcept override;
  void close() noexcept override;
  void abort() noexcept override;
  std::string_view peer(std::span<char, kPeerBytes> into) const noexcept override {
    return peer_.write(into);
  }

  // Its place in the engine's list of open connections, or in the listener's of free ones.
  AsioConnection* previous = nullptr;
  AsioConnection* next = nullptr;

 protected:
  void begin_read(Read& operation) noexcept override;
  void cancel_read(Read& operation) noexcept override;
  void begin_write(Write& operation) noexcept override;
  void cancel_write(Write& operation) noexcept override;
  void begin_writable(Writable& operation) noexcept override;
  void cancel_writable(Writable& operation) noexcept override;
  void on_sent_directly() noexcept override;

 private:
  void has_changed(Change change) noexcept override;
  void receive() noexcept;
  void send() noexcept;
  long send_some() noexcept;
  void finish_sending_with(Error error) noexcept;
  void wait_for_room() noexcept;
  void restart_write_idle() noexcept;

  ConnectionHome& home_;
  Read* read_ = nullptr;
  Write* write_ = nullptr;        // at most one of these
  Writable* writable_ = nullptr;  // two is pending
  std::uint64_t read_due_ms_ = 0;
  std::uint64_t write_due_ms_ = 0;
  std::uint32_t write_idle_ms_ = 0;
  int untaken_size_ = 0;  // bytes that the peer had not taken when the write idle time began
  int descriptor_ = -1;   // -1: closed

  bool has_input_ = false;       // of which it was told, and has read nothing since
  bool has_taken_all_ = false;   // the last read took all that had come by then
  bool may_have_input_ = false;  // a read may find something without waiting
  bool has_end_ = false;         // nothing more comes than what is there
  bool has_sent_bytes_ = false;  // since the write idle time began
  bool has_read_ = false;        // since the last write
  bool is_in_outbox_ = false;    // the pending write has not begun to be sent

  PeerAddress peer_;
};

}  // namespace wherry::net::asio
