// SPDX-License-Identifier: MIT
// JsonWriter: JSON that goes out, written into memory that the caller lends.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>
#include <variant>

#include "wherry/base/fixed_string.h"
#include "wherry/base/result.h"
#include "wherry/base/text_writer.h"

namespace wherry::app {

/// A scalar of a reply.  Lifetime: a text's is that of the text that it was made from.
class JsonValue {
 public:
  JsonValue(std::string_view text) noexcept : value_(text) {}
  JsonValue(const char* text) noexcept : value_(std::string_view(text)) {}
  template <std::size_t N>
  JsonValue(const FixedString<N>& text) noexcept : value_(text.view()) {}
  JsonValue(bool value) noexcept : value_(value) {}
  template <class Integer>
    requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
  JsonValue(Integer value) noexcept {
    if constexpr (std::is_signed_v<Integer>) {
      value_ = static_cast<std::int64_t>(value);
    } else {
      value_ = static_cast<std::uint64_t>(value);
    }
  }

 private:
  friend class JsonWriter;
  std::variant<std::string_view, bool, std::int64_t, std::uint64_t> value_;
};

struct JsonMember {
  std::string_view name;
  JsonValue value;
};

/// Writes what it is told, with commas and quotes where they belong. What does not fit makes
/// overflowed() true and text() empty; nothing is cut silently.
class JsonWriter {
 public:
  explicit JsonWriter(std::span<char> into) noexcept : text_(into) {}

  JsonWriter& begin_object() noexcept;
  JsonWriter& end_object() noexcept;
  JsonWriter& begin_array() noexcept;
  JsonWriter& end_array() noexcept;
  JsonWriter& key(std::string_view name) noexcept;
  JsonWriter& key(const char* name) noexcept;
  JsonWriter& value(const JsonValue& value) noexcept;

  /// An object of scalars.
  JsonWriter& object(std::initializer_list<JsonMember> members) noexcept;

  /// Goes on at the beginning of the memory, where it is in the JSON: for a text in pieces.
  void clear() noexcept { text_.clear(); }

  bool overflowed() const noexcept { return text_.overflowed(); }
  std::size_t room() const noexcept { return text_.room(); }

  /// Errors: no_memory when it did not fit; internal when a text was not UTF-8.
  Result<std::string_view> text() const noexcept;

 private:
  void separate() noexcept;
  void string(std::string_view text) noexcept;

  TextWriter text_;
  bool needs_comma_ = false;
  bool is_refused_ = false;  // a text was not UTF-8
};

/// Returns: the bytes that `text` takes as a JSON string at the most, quotes included.
std::size_t json_string_size(std::string_view text) noexcept;

}  // namespace wherry::app
