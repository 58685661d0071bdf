// SPDX-License-Identifier: MIT
// Forms as one line of text: application/x-www-form-urlencoded bodies and query strings.
// Knows pairs; not which are wanted, nor what they mean.
// Keeps: decoding never makes text longer, so `text.size()` bytes of memory are always enough.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "wherry/base/result.h"

namespace wherry::http {

/// One decoded pair. Either may hold any character, line breaks and NUL included.
/// Lifetime: the memory that the reader was given.
struct FormField {
  std::string_view name;
  std::string_view value;
};

/// Reads the pairs of a form one by one.
class FormReader {
 public:
  /// Names and values are decoded into `memory`, one behind the other, so that all of them stay
  /// valid. `memory` may begin where `text` does: then the form is decoded in place.
  FormReader(std::string_view text, std::span<char> memory) noexcept
      : rest_(text), memory_(memory) {}

  /// Returns: the next pair; nothing at the end of the form. Empty pairs (`a=1&&b=2`) are skipped;
  ///          a name without `=` has an empty value.
  /// Errors: bad_form: `%` without two hexadecimal digits, or text that is not UTF-8;
  ///         content_too_large: `memory` is full.
  /// Source: WHATWG URL §5.1.
  Result<std::optional<FormField>> next() noexcept;

  /// Looks through what next() has not given yet, and leaves it there.
  /// Returns: the value of the first pair of that name; none when there is no such pair.
  /// Errors: as next(), for the pairs up to that one.
  /// Lifetime: as that of a pair. Not for a form that is decoded in place.
  Result<std::optional<std::string_view>> find(std::string_view name) const noexcept;

 private:
  std::string_view rest_;
  std::span<char> memory_;
};

}  // namespace wherry::http
