// SPDX-License-Identifier: MIT
#include "cli/addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <array>

namespace wherry::cli {
namespace {

std::string url(const std::string& host, std::uint16_t port) {
  const bool needs_brackets = host.find(':') != std::string::npos && !host.starts_with('[');
  return "http://" + (needs_brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

/// The text of an interface's address; empty for families and scopes that no URL can name.
std::string text_of(const sockaddr* address, bool with_ipv6) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address == nullptr) return {};
  if (address->sa_family == AF_INET) {
    const auto& ipv4 = *reinterpret_cast<const sockaddr_in*>(address);
    inet_ntop(AF_INET, &ipv4.sin_addr, text.data(), text.size());
  } else if (address->sa_family == AF_INET6 && with_ipv6) {
    const auto& ipv6 = *reinterpret_cast<const sockaddr_in6*>(address);
    if (IN6_IS_ADDR_LINKLOCAL(&ipv6.sin6_addr)) return {};
    inet_ntop(AF_INET6, &ipv6.sin6_addr, text.data(), text.size());
  }
  return text.data();
}

}  // namespace

std::vector<std::string> urls_of(const std::string& host, std::uint16_t port) {
  const bool is_any = host.empty() || host == "0.0.0.0" || host == "::" || host == "[::]";
  if (!is_any) return {url(host, port)};
  std::vector<std::string> urls;
  ifaddrs* interfaces = nullptr;
  if (getifaddrs(&interfaces) == 0) {
    for (const ifaddrs* each = interfaces; each != nullptr; each = each->ifa_next) {
      if ((each->ifa_flags & IFF_UP) == 0) continue;
      const std::string text = text_of(each->ifa_addr, host != "0.0.0.0");
      if (!text.empty()) urls.push_back(url(text, port));
    }
    freeifaddrs(interfaces);
  }
  if (urls.empty()) urls.push_back(url(host == "0.0.0.0" ? "127.0.0.1" : "localhost", port));
  return urls;
}

}  // namespace wherry::cli
