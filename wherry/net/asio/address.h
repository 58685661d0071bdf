// SPDX-License-Identifier: MIT
// Addresses as text, and sockets that listen at them. Plain POSIX: it knows no loop.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "wherry/base/fixed_string.h"
#include "wherry/base/result.h"
#include "wherry/net/asio/listener.h"

namespace wherry::net::asio {

/// "[" and 45 characters of an IPv6 address, "]:" and a port.
using AddressText = FixedString<56>;

/// Returns: "192.0.2.7:51234", "[2001:db8::1]:443"; an IPv4 address that came over an IPv6 socket
/// as IPv4; "local" for a socket without Internet address.
AddressText address_text(const sockaddr_storage& address) noexcept;

/// Returns: the port of an Internet address; 0 for others.
std::uint16_t address_port(const sockaddr_storage& address) noexcept;

/// Opens a socket that listens as `options` say: non-blocking, closed on exec, without Nagle's
/// delay (accepted sockets inherit that).
/// Errors: as AsioListener::open; `failure` then holds the words.
Result<int> open_listening_socket(const ListenOptions& options, ListenFailure& failure) noexcept;

}  // namespace wherry::net::asio
