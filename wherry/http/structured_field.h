// SPDX-License-Identifier: MIT
// Structured fields: dictionaries (`sha-256=:q1I=:, u=3;x, list=(a "b" 1.5)`) and single items.
// Knows how members are written; not which there are, nor what one means that comes twice.
// Keeps: a member is handed out only when all of it is well formed; of those that it hands out, the
// reader of a field may use none before it has seen the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/result.h"

namespace wherry::http {

/// One member, without its parameters.  Lifetime: that of the field value.
struct DictionaryMember {
  enum class Kind : std::uint8_t {
    integer,  // `text`: up to 15 digits, perhaps with a minus before them
    bytes,    // `text`: what stands between the colons: characters of base64
    other,    // decimals, strings, tokens, booleans, dates, display strings, inner lists
  };
  std::string_view key;
  Kind kind = Kind::other;
  std::string_view text = {};  // of the other kinds: as sent; empty where it is but a key (true)
};

/// Reads the members of one field line one by one. (Lines of one name are read one after the other:
/// what RFC 9651 joins by commas is then the same, but for a value that is cut by a line.)
class DictionaryReader {
 public:
  /// `value`: without the white space around it.  Lifetime: that of the text that it shows.
  explicit DictionaryReader(std::string_view value) noexcept : rest_(value) {}

  /// Returns: the next member, nullopt behind the last.
  /// Errors: bad_request; call it no more then.
  /// Source: RFC 9651 §4.2.2, with RFC 8941's types and RFC 9651's two more.
  Result<std::optional<DictionaryMember>> next() noexcept;

 private:
  std::string_view rest_;
  bool follows_ = false;  // a member came before
};

/// Reads a field that is one boolean, `?1` or `?0`; its parameters are checked and ignored.
/// Returns: none when it is anything else.  Source: RFC 9651 §4.2.3, §3.3.6.
std::optional<bool> parse_boolean_item(std::string_view value) noexcept;

/// Reads a field that is one integer, not a negative one; its parameters as above.
/// Returns: none when it is anything else.  Source: RFC 9651 §4.2.3, §3.3.1.
std::optional<std::uint64_t> parse_integer_item(std::string_view value) noexcept;

}  // namespace wherry::http
