// SPDX-License-Identifier: MIT
#include "wherry/http/set_cookie.h"

#include <algorithm>
#include <array>

#include "wherry/base/ascii.h"

namespace wherry::http {
namespace {

using SameSite = SetCookie::SameSite;

/// cookie-octet: visible ASCII but quote, comma, semicolon and backslash.
bool is_cookie_octet(char c) noexcept {
  return c > ' ' && c < '\x7F' && std::string_view("\",;\\").find(c) == std::string_view::npos;
}

/// cookie-value = *cookie-octet / ( DQUOTE *cookie-octet DQUOTE )
bool is_cookie_value(std::string_view value) noexcept {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return std::ranges::all_of(value, is_cookie_octet);
}

/// path-value = any CHAR except CTLs or ";": CHAR is ASCII.
bool is_path_character(char c) noexcept { return c >= ' ' && c < '\x7F' && c != ';'; }

bool is_domain_character(char c) noexcept {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '.';
}

bool is_allowed(const SetCookie& cookie) noexcept {
  return is_token(cookie.name) && is_cookie_value(cookie.value) &&
         std::ranges::all_of(cookie.path, is_path_character) &&
         std::ranges::all_of(cookie.domain, is_domain_character) &&
         (cookie.same_site != SameSite::none || cookie.secure);
}

constexpr std::array<std::string_view, 4> kSameSite = {"", "; SameSite=Strict", "; SameSite=Lax",
                                                       "; SameSite=None"};

}  // namespace

Result<> append_set_cookie(const SetCookie& cookie, TextWriter& writer) noexcept {
  if (!is_allowed(cookie)) return Error::bad_request;
  writer.append(cookie.name).append('=').append(cookie.value);
  if (!cookie.path.empty()) writer.append("; Path=").append(cookie.path);
  if (!cookie.domain.empty()) writer.append("; Domain=").append(cookie.domain);
  if (cookie.max_age_s && *cookie.max_age_s != 0) {
    writer.append("; Max-Age=").append_decimal(*cookie.max_age_s);
  } else if (cookie.max_age_s) {
    // The grammar has no Max-Age of 0.
    writer.append("; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  }
  if (cookie.secure) writer.append("; Secure");
  if (cookie.http_only) writer.append("; HttpOnly");
  writer.append(kSameSite[static_cast<std::size_t>(cookie.same_site)]);
  return writer.overflowed() ? Result<>(Error::no_memory) : Result<>();
}

}  // namespace wherry::http
