// SPDX-License-Identifier: MIT
#include "wherry/http/cookie.h"

#include "wherry/base/ascii.h"

namespace wherry::http {

std::optional<std::string_view> find_cookie(std::string_view cookies,
                                            std::string_view name) noexcept {
  while (!cookies.empty()) {
    const std::string_view pair = trim_ows(split_next(cookies, ';'));
    if (pair.size() > name.size() && pair[name.size()] == '=' && pair.starts_with(name)) {
      return pair.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> find_cookie(const RequestHead& head,
                                            std::string_view name) noexcept {
  std::optional<std::string_view> found;
  head.for_each("Cookie", [&found, name](std::string_view cookies) {
    if (!found) found = find_cookie(cookies, name);
  });
  return found;
}

}  // namespace wherry::http
