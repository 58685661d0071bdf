// SPDX-License-Identifier: MIT
// Cookies as a client sends them. It must not know what they are for.
#pragma once

#include <optional>
#include <string_view>

#include "wherry/http/request_head.h"

namespace wherry::http {

/// Finds a cookie in the value of a Cookie field. Names are case-sensitive.
/// Returns: the value of the first cookie of that name as sent (quotes belong to it), nullopt when
/// there is none.  Lifetime: that of `cookies`.
/// Source: RFC 6265 §4.2.1, §5.4.
std::optional<std::string_view> find_cookie(std::string_view cookies,
                                            std::string_view name) noexcept;

/// The same, in all Cookie fields of a request.  Lifetime: that of the head.
std::optional<std::string_view> find_cookie(const RequestHead& head,
                                            std::string_view name) noexcept;

}  // namespace wherry::http
