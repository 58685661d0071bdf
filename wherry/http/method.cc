// SPDX-License-Identifier: MIT
#include "wherry/http/method.h"

#include <array>
#include <cstddef>

namespace wherry::http {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Method::other)> kMethods{
    "GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH"};

}  // namespace

Method parse_method(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kMethods.size(); ++i) {
    if (kMethods[i] == text) return static_cast<Method>(i);
  }
  return Method::other;
}

std::string_view method_text(Method method) noexcept {
  const auto index = static_cast<std::size_t>(method);
  return index < kMethods.size() ? kMethods[index] : std::string_view{};
}

}  // namespace wherry::http
