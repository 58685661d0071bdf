// SPDX-License-Identifier: MIT
// Result<T>: a value, or the Error that came instead. It must be looked at.
#pragma once

#include <concepts>
#include <expected>
#include <type_traits>
#include <utility>

#include "wherry/base/error.h"

namespace wherry {

/// `std::expected<T, Error>` that warns when it is dropped and that an Error converts to, so that a
/// function says `return Error::not_found;`.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
  using Base = std::expected<T, Error>;

 public:
  using value_type = T;

  Result() = default;
  Result(Error error) noexcept : Base(std::unexpect, error) {}
  template <class U>
    requires(!std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> && std::constructible_from<T, U>)
  Result(U&& value) noexcept(std::is_nothrow_constructible_v<T, U>)
      : Base(std::in_place, std::forward<U>(value)) {}
};

template <>
class [[nodiscard]] Result<void> : public std::expected<void, Error> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) noexcept : std::expected<void, Error>(std::unexpect, error) {}
};

/// Returns: what went wrong; Error::none when `result` holds a value.
template <class T>
Error error_of(const Result<T>& result) noexcept {
  return result.has_value() ? Error::none : result.error();
}

}  // namespace wherry
