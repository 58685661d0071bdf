// SPDX-License-Identifier: MIT
// The syntax of `host:port`, as it stands in Host and in the targets of proxies. It must not
// resolve, compare or normalise names.
#pragma once

#include <string_view>

namespace wherry::http {

/// Returns: whether `text` is a name, an IPv4 address or an IPv6 address in brackets, with or
/// without a port. A name may be empty, as it is in the Host of a target without authority; user
/// information (`user@`) is not allowed.
/// Source: RFC 3986 §3.2.2, §3.2.3; RFC 9110 §7.2.
bool is_host_and_port(std::string_view text) noexcept;

}  // namespace wherry::http
