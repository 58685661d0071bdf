// SPDX-License-Identifier: MIT
// Cookies as a server sets them. (How a client sends them back: cookie.h.)
// Knows the grammar; not what a cookie is for.
// Keeps: what it writes is one cookie, whatever is in its parts: no part adds an attribute or a
// line.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/base/text_writer.h"

namespace wherry::http {

struct SetCookie {
  enum class SameSite : std::uint8_t {
    unset,
    strict,
    lax,
    none,  // sent with requests from everywhere; browsers take it only with `secure`
  };
  std::string_view name;
  std::string_view value;        // encode what is not plain text (percent.h)
  std::string_view path = {};    // empty: none is said
  std::string_view domain = {};  // empty: the host that sets it alone
  /// Seconds; 0: the client forgets the cookie; none: until the browser is closed.
  std::optional<std::uint32_t> max_age_s = std::nullopt;
  bool secure = false;
  bool http_only = false;
  SameSite same_site = SameSite::unset;
};

/// Appends the value of a Set-Cookie field.
/// Errors: bad_request, and nothing was written: a name that is no token, a value, path or domain
///         with a character that none may have, SameSite=None without Secure; no_memory: it does
///         not fit.
/// Source: RFC 6265 §4.1.1.
Result<> append_set_cookie(const SetCookie& cookie, TextWriter& writer) noexcept;

}  // namespace wherry::http
