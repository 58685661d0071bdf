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

AddressText address_text(const sockaddr_storage& address) noexcept {
  char number[INET6_ADDRSTRLEN] = "";
  bool has_brackets = false;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, number, sizeof(number));
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], number, sizeof(number));
    } else {
      ::inet_ntop(AF_INET6, &v6.sin6_addr, number, sizeof(number));
      has_brackets = true;
    }
  }

  char buffer[AddressText::capacity()];
  TextWriter writer{std::span<char>(buffer)};
  if (number[0] == '\0') {
    writer.append("local");
  } else {
    if (has_brackets) writer.append('[');
    writer.append(number);
    if (has_brackets) writer.append(']');
    writer.append(':').append_decimal(address_port(address));
  }
  AddressText text;
  static_cast<void>(text.append(writer.view()));
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
