// SPDX-License-Identifier: MIT
// Values of header fields that have parameters: `form-data; name="file"; filename="a \"b\".txt"`.
// It must not know which fields or parameters there are.
// Invariant: names and values that are handed out are views into the field value, or into the
// memory that the caller gave for unescaping.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "wherry/base/result.h"

namespace wherry::http {

/// One parameter. Lifetime: that of the field value.
struct Parameter {
  std::string_view name;  // as sent; compare it with equals_ignoring_case
  std::string_view raw;   // a token, or a quoted string without its quotes, escapes still in it
  bool escaped = false;   // `raw` holds backslash escapes

  /// Returns: the value: `raw` itself when nothing is escaped, else a prefix of `into`.
  /// Errors: bad_request when `into` is too small; `raw.size()` bytes are always enough.
  /// Source: RFC 9110 §5.6.4.
  Result<std::string_view> text(std::span<char> into) const noexcept;
};

/// Reads the parameters of a field value one by one.
class ParameterReader {
 public:
  /// Lifetime: that of the text that `field_value` shows.
  explicit ParameterReader(std::string_view field_value) noexcept;

  /// What stands before the first semicolon, without white space around it: `form-data`.
  std::string_view item() const noexcept { return item_; }

  /// Returns: the next parameter, nullopt behind the last. Empty ones (`;;`) are skipped.
  /// Errors: bad_request (no `=`, white space around it, no value, an open quote, control bytes,
  /// text behind a value). Source: RFC 9110 §5.6.6.
  Result<std::optional<Parameter>> next() noexcept;

 private:
  Result<> read_quoted(Parameter& parameter) noexcept;
  void read_token(std::string_view& token) noexcept;

  std::string_view item_;
  std::string_view rest_;  // empty, or begins with a semicolon, until an error
};

}  // namespace wherry::http
