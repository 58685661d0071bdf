// SPDX-License-Identifier: MIT
#include "wherry/net/asio/address.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "wherry/base/text_writer.h"

namespace wherry::net::asio {
namespace {

Error error_from_errno(int os_error) noexcept {
  switch (os_error) {
    case EADDRINUSE:
      return Error::busy;
    case EACCES:
    case EPERM:
      return Error::not_writable;
    case EADDRNOTAVAIL:
      return Error::not_found;
    case ENOMEM:
    case ENOBUFS:
    case EMFILE:
    case ENFILE:
      return Error::no_memory;
    default:
      return Error::internal;
  }
}

void set_words(ListenFailure& failure, std::string_view words) noexcept {
  failure.words.clear();
  static_cast<void>(failure.words.append(words.substr(0, failure.words.capacity())));
}

Error fail_with_errno(ListenFailure& failure) noexcept {
  failure.os_error = errno;
  set_words(failure, std::strerror(failure.os_error));
  return error_from_errno(failure.os_error);
}

bool set_option(int descriptor, int level, int name, int value) noexcept {
  return ::setsockopt(descriptor, level, name, &value, sizeof(value)) == 0;
}

// What every listening socket has, whoever opened it.
bool prepare(int descriptor) noexcept {
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags < 0 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return false;
  if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0) return false;
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);  // fails for sockets that are not TCP
#ifdef SO_NOSIGPIPE
  set_option(descriptor, SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
  return true;
}

bool bind_and_listen(int descriptor, const addrinfo& address,
                     const ListenOptions& options) noexcept {
  if (!set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)) return false;
  if (options.shares_port && !set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) return false;
  if (address.ai_family == AF_INET6) set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  return prepare(descriptor) && ::bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 &&
         ::listen(descriptor, options.backlog_count) == 0;
}

// The host as getaddrinfo wants it: NUL-terminated, without brackets. "localhost" is IPv4 alone,
// because a name that stands for two addresses would need two sockets, and every client tries this.
Result<FixedString<256>> host_name(std::string_view host) noexcept {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host == "localhost") host = "127.0.0.1";
  FixedString<256> name;
  if (host.find('\0') != std::string_view::npos || !name.append(host) || !name.push_back('\0')) {
    return Error::not_found;
  }
  return name;
}

Result<int> open_first(const addrinfo* addresses, const ListenOptions& options,
                       ListenFailure& failure) noexcept {
  Error error = Error::not_found;
  for (const addrinfo* address = addresses; address != nullptr; address = address->ai_next) {
    const int descriptor = ::socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (descriptor >= 0 && bind_and_listen(descriptor, *address, options)) return descriptor;
    error = fail_with_errno(failure);
    if (descriptor >= 0) ::close(descriptor);
  }
  return error;
}

}  // namespace

PeerAddress::PeerAddress(const sockaddr_storage& address) noexcept : port_(address_port(address)) {
  if (address.ss_family == AF_INET) {
    kind_ = Kind::ipv4;
    std::memcpy(number_.data(), &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
  } else if (address.ss_family == AF_INET6) {
    const in6_addr& number = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    const bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(&number);
    kind_ = is_ipv4 ? Kind::ipv4 : Kind::ipv6;
    std::memcpy(number_.data(), &number.s6_addr[is_ipv4 ? 12 : 0], is_ipv4 ? 4 : 16);
  }
}

std::string_view PeerAddress::write(std::span<char, Connection::kPeerBytes> into) const noexcept {
  TextWriter writer(into);
  if (kind_ == Kind::local) {
    writer.append("local");
    return writer.view();
  }
  if (kind_ == Kind::ipv4) {
    for (std::size_t i = 0; i < 4; ++i) {
      if (i > 0) writer.append('.');
      writer.append_decimal(number_[i]);
    }
  } else {
    char number[INET6_ADDRSTRLEN];
    ::inet_ntop(AF_INET6, number_.data(), number, sizeof(number));
    writer.append('[').append(number).append(']');
  }
  writer.append(':').append_decimal(port_);
  return writer.view();
}

AddressText address_text(const sockaddr_storage& address) noexcept {
  std::array<char, AddressText::capacity()> memory;
  AddressText text;
  static_cast<void>(text.append(PeerAddress(address).write(memory)));
  return text;
}

std::uint16_t address_port(const sockaddr_storage& address) noexcept {
  if (address.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  }
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  }
  return 0;
}

Result<int> open_listening_socket(const ListenOptions& options, ListenFailure& failure) noexcept {
  if (options.descriptor >= 0) {
    if (!prepare(options.descriptor)) return fail_with_errno(failure);
    return options.descriptor;
  }

  const Result<FixedString<256>> name = host_name(options.host);
  if (!name.has_value()) {
    set_words(failure, "not the name of a host");
    return name.error();
  }
  char port_digits[8]{};
  TextWriter(std::span<char>(port_digits)).append_decimal(options.port);

  const bool is_any = options.host.empty();
  addrinfo hints{};
  hints.ai_family = is_any ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* addresses = nullptr;
  const int status =
      ::getaddrinfo(is_any ? nullptr : name->data(), port_digits, &hints, &addresses);
  if (status != 0) {
    set_words(failure, ::gai_strerror(status));
    return Error::not_found;
  }
  const Result<int> descriptor = open_first(addresses, options, failure);
  ::freeaddrinfo(addresses);
  if (descriptor.has_value() || !is_any) return descriptor;

  // A machine without IPv6.
  ListenOptions v4_options = options;
  v4_options.host = "0.0.0.0";
  return failure.os_error == EAFNOSUPPORT || failure.os_error == EADDRNOTAVAIL
             ? open_listening_socket(v4_options, failure)
             : descriptor;
}

}  // namespace wherry::net::asio
