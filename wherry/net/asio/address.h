// SPDX-License-Identifier: MIT
// Addresses as text, and sockets that listen at them. Plain POSIX: it knows no loop.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "wherry/base/fixed_string.h"
#include "wherry/base/result.h"
#include "wherry/net/asio/listener.h"
#include "wherry/net/net.h"

namespace wherry::net::asio {

/// "[" and 45 characters of an IPv6 address, "]:" and a port.
using AddressText = FixedString<Connection::kPeerBytes>;

/// An Internet address and a port, in as few bytes as they need.
class PeerAddress {
 public:
  PeerAddress() = default;
  /// An IPv4 address that came over an IPv6 socket is an IPv4 address.
  explicit PeerAddress(const sockaddr_storage& address) noexcept;

  /// Returns: "192.0.2.7:51234", "[2001:db8::1]:443"; "local" for a socket without such an address.
  /// Lifetime: that of `into`.
  std::string_view write(std::span<char, Connection::kPeerBytes> into) const noexcept;

 private:
  enum class Kind : std::uint8_t { local, ipv4, ipv6 };

  std::array<std::uint8_t, 16> number_{};  // the first four of them: IPv4
  std::uint16_t port_ = 0;
  Kind kind_ = Kind::local;
};

/// Returns: what PeerAddress::write writes.
AddressText address_text(const sockaddr_storage& address) noexcept;

/// Returns: the port of an Internet address; 0 for others.
std::uint16_t address_port(const sockaddr_storage& address) noexcept;

/// Opens a socket that listens as `options` say: non-blocking, closed on exec, without Nagle's
/// delay (accepted sockets inherit that).
/// Errors: as AsioListener::open; `failure` then holds the words.
Result<int> open_listening_socket(const ListenOptions& options, ListenFailure& failure) noexcept;

}  // namespace wherry::net::asio
