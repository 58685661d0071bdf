// SPDX-License-Identifier: MIT
// AsioListener: accepts connections at one address, for one loop.
//
// Its connections are allocated once, when it opens. When all are taken it stops accepting, and who
// comes then waits in the kernel's backlog until one is given back. It must not know what is
// served.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "wherry/base/fixed_string.h"
#include "wherry/base/result.h"
#include "wherry/net/asio/loop.h"
#include "wherry/net/net.h"

namespace wherry::net::asio {

struct ListenOptions {
  /// "127.0.0.1", "::1", "[::1]", "fe80::1%eth0", or a name; "localhost" is 127.0.0.1; "" is every
  /// address of the machine, IPv6 and IPv4; "::" likewise.
  std::string_view host = {};
  /// 0: one that is free; AsioListener::port() tells which.
  std::uint16_t port = 0;
  /// Connections that may be open at once (> 0). About 130 bytes each.
  std::uint32_t connection_count = 64;
  /// Connections that the kernel accepts ahead of us, as far as it allows as many.
  int backlog_count = 511;
  /// Several loops listen at this address and share what comes (SO_REUSEPORT). All must say so.
  bool shares_port = false;
  /// A socket that listens already (handed over by the service manager), in place of host and
  /// port; the listener closes it. -1: none.
  int descriptor = -1;
};

/// Why a listener could not open, for a message to the person who started the program.
struct ListenFailure {
  int os_error = 0;        // errno; 0 when it was no system call that failed
  FixedString<120> words;  // "Address already in use"
};

class AsioListener {
 public:
  /// Lifetime: `loop` outlives the listener; `acceptor` is called until stop_accepting().
  AsioListener(AsioLoop& loop, Acceptor& acceptor) noexcept;
  /// Stops accepting. Every connection has been closed; the loop is not inside run(), or calls
  /// this from a Completion.
  ~AsioListener();
  AsioListener(const AsioListener&) = delete;
  AsioListener& operator=(const AsioListener&) = delete;

  /// Opens and begins to accept. Once. Called on the loop's thread, or before that runs.
  /// Errors: not_found (no such host), busy (the address is in use), not_writable (not permitted),
  /// no_memory, internal (anything else); failure() has the words.
  /// Memory: `connection_count` connections, from the heap.
  Result<> open(const ListenOptions& options) noexcept;

  const ListenFailure& failure() const noexcept { return failure_; }

  /// Closes the listening socket; who is in the backlog is refused. Open connections go on.
  void stop_accepting() noexcept;

  /// The port that it listens at; 0 before open() and for sockets without one.
  std::uint16_t port() const noexcept;

  /// "127.0.0.1:8080". Lifetime: the listener's.
  std::string_view address() const noexcept;

  /// Connections that are not free: served, or closed a moment ago.
  std::uint32_t open_count() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
  ListenFailure failure_;
};

}  // namespace wherry::net::asio
