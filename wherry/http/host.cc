// SPDX-License-Identifier: MIT
#include "wherry/http/host.h"

#include <algorithm>
#include <cstddef>

#include "wherry/base/ascii.h"

namespace wherry::http {
namespace {

/// unreserved and sub-delims (RFC 3986 §2.3, §2.2).
bool is_name_char(char c) noexcept {
  return is_alpha(c) || is_digit(c) ||
         (c != '\0' && std::string_view("-._~!$&'()*+,;=").find(c) != std::string_view::npos);
}

/// reg-name and IPv4address, which is written with the same characters.
bool is_name(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3 || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) {
        return false;
      }
      i += 2;
    } else if (!is_name_char(text[i])) {
      return false;
    }
  }
  return true;
}

/// The characters of an IPv6address; whether they make one matters to nobody here.
bool is_ipv6(std::string_view text) noexcept {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return is_hex_digit(c) || c == ':' || c == '.'; });
}

bool is_port(std::string_view text) noexcept { return std::ranges::all_of(text, is_digit); }

}  // namespace

bool is_host_and_port(std::string_view text) noexcept {
  std::size_t host_size = std::min(text.find(':'), text.size());
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos || !is_ipv6(text.substr(1, bracket - 1))) return false;
    host_size = bracket + 1;
  } else if (!is_name(text.substr(0, host_size))) {
    return false;
  }
  const std::string_view rest = text.substr(host_size);
  return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
}

}  // namespace wherry::http
