// SPDX-License-Identifier: MIT
// The request methods that the library tells apart. It must not know what any of them does; all
// others, CONNECT and TRACE among them, are `other`: nothing here serves them.
#pragma once

#include <cstdint>
#include <string_view>

namespace wherry::http {

enum class Method : std::uint8_t {
  get,
  head,
  put,
  post,
  delete_,
  options,
  patch,
  other  // must stay last: the methods before it are the rows of the table in method.cc
};

/// Returns: the method that `text` names, Method::other when it is none of the known. Methods are
/// case-sensitive: `get` is not GET.
/// Source: RFC 9110 §9.1.
Method parse_method(std::string_view text) noexcept;

/// Returns: the method as it stands in a request line; empty for Method::other.
std::string_view method_text(Method method) noexcept;

}  // namespace wherry::http
