// SPDX-License-Identifier: MIT
// The router: finds the route of a request in a table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "wherry/app/route.h"
#include "wherry/base/fixed_string.h"

namespace wherry::app {

/// Methods as bits, for an Allow field.
using MethodSet = std::uint16_t;

struct RouteMatch {
  const Route* route = nullptr;  // none: no route has this path, or not with this method
  MethodSet allowed = 0;         // the methods that the path has; 0: there is no such path
  PathParameters parameters;     // as sent, not decoded
};

/// Finds the first route whose pattern is the whole of `path` and whose method is `method`; a HEAD
/// is answered by a GET. Literal text matches whatever of it is percent-encoded.
RouteMatch find_route(std::span<const Route> routes, http::Method method,
                      std::string_view path) noexcept;

/// Decodes the parameters of the route that was found, once.
/// Errors: bad_request (a bad escape, a number over 64 bits), no_memory.
/// Memory: the request's scratch, for each text that has an escape.
Result<> decode_parameters(Request& request, RouteMatch& match) noexcept;

/// "GET, HEAD, OPTIONS": OPTIONS is always there.
FixedString<64> allow_value(MethodSet methods) noexcept;

/// Returns: the methods of every route, for `OPTIONS *`.
MethodSet all_methods(std::span<const Route> routes) noexcept;

}  // namespace wherry::app
