// SPDX-License-Identifier: MIT
#include "wherry/http/structured_field.h"

#include <cstddef>

#include "wherry/base/ascii.h"
#include "wherry/base/number.h"

namespace wherry::http {
namespace {

using Kind = DictionaryMember::Kind;

bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

/// Takes characters off a text from left to right; after the first thing that is not there, all
/// else fails too.
class Cursor {
 public:
  explicit Cursor(std::string_view text) noexcept : rest_(text) {}

  std::string_view rest() const noexcept { return rest_; }
  bool ok() const noexcept { return ok_; }
  void fail() noexcept { ok_ = false; }

  /// Returns: the next character; NUL, which is none of any text here, at the end or after a
  /// failure.
  char peek() const noexcept { return ok_ && !rest_.empty() ? rest_.front() : '\0'; }

  char take() noexcept {
    const char c = peek();
    if (ok_ && !rest_.empty()) rest_.remove_prefix(1);
    return c;
  }

  bool accept(char c) noexcept {
    if (peek() != c) return false;
    take();
    return true;
  }

  void expect(char c) noexcept { ok_ = accept(c) && ok_; }

  /// Returns: how many characters in a row there were that `belongs` says yes to.
  template <class Belongs>
  std::size_t skip(Belongs belongs) noexcept {
    std::size_t count = 0;
    while (peek() != '\0' && belongs(peek())) {
      take();
      ++count;
    }
    return count;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool is_space(char c) noexcept { return c == ' '; }

/// key = ( lcalpha / "*" ) *( lcalpha / DIGIT / "_" / "-" / "." / "*" )
void read_key(Cursor& cursor) noexcept {
  if (!is_lower(cursor.peek()) && cursor.peek() != '*') return cursor.fail();
  cursor.skip([](char c) {
    return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
  });
}

/// sf-integer = ["-"] 1*15DIGIT, sf-decimal = ["-"] 1*12DIGIT "." 1*3DIGIT
Kind read_number(Cursor& cursor) noexcept {
  cursor.accept('-');
  const std::size_t digits = cursor.skip(is_digit);
  if (digits == 0 || digits > 15) cursor.fail();
  if (!cursor.accept('.')) return Kind::integer;
  const std::size_t decimals = cursor.skip(is_digit);
  if (digits > 12 || decimals == 0 || decimals > 3) cursor.fail();
  return Kind::other;
}

/// sf-string, without the quote that it begins with.
void read_string(Cursor& cursor) noexcept {
  while (!cursor.accept('"')) {
    char c = cursor.take();
    if (c == '\\') {
      c = cursor.take();
      if (c != '"' && c != '\\') cursor.fail();
    }
    if (static_cast<unsigned char>(c) > 0x7E || is_control(c)) return cursor.fail();
  }
}

/// sf-displaystring, without the `%"` that it begins with.
void read_display_string(Cursor& cursor) noexcept {
  while (!cursor.accept('"')) {
    const char c = cursor.take();
    if (static_cast<unsigned char>(c) > 0x7E || is_control(c)) return cursor.fail();
    if (c != '%') continue;
    for (int i = 0; i < 2; ++i) {
      const char digit = cursor.take();
      if (!is_digit(digit) && !(digit >= 'a' && digit <= 'f')) return cursor.fail();
    }
  }
}

bool is_base64(char c) noexcept {
  return is_alpha(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
}

/// bare-item
Kind read_bare_item(Cursor& cursor) noexcept {
  const char first = cursor.peek();
  if (is_digit(first) || first == '-') return read_number(cursor);
  if (is_alpha(first) || first == '*') {
    cursor.skip([](char c) { return is_token_char(c) || c == ':' || c == '/'; });
    return Kind::other;
  }
  cursor.take();
  switch (first) {
    case '"':
      read_string(cursor);
      return Kind::other;
    case ':':
      cursor.skip(is_base64);
      cursor.expect(':');
      return Kind::bytes;
    case '?':
      if (!cursor.accept('0')) cursor.expect('1');
      return Kind::other;
    case '@':
      if (read_number(cursor) != Kind::integer) cursor.fail();
      return Kind::other;
    case '%':
      cursor.expect('"');
      read_display_string(cursor);
      return Kind::other;
    default:
      cursor.fail();
      return Kind::other;
  }
}

/// parameters = *( ";" *SP key [ "=" bare-item ] )
void read_parameters(Cursor& cursor) noexcept {
  while (cursor.accept(';')) {
    cursor.skip(is_space);
    read_key(cursor);
    if (cursor.accept('=')) read_bare_item(cursor);
  }
}

/// inner-list, without the bracket that it begins with and the parameters behind it.
void read_inner_list(Cursor& cursor) noexcept {
  cursor.skip(is_space);
  while (!cursor.accept(')')) {
    read_bare_item(cursor);
    read_parameters(cursor);
    if (cursor.skip(is_space) == 0 && cursor.peek() != ')') return cursor.fail();
  }
}

/// Returns: the bare item that `value` is; empty when it is none, or not of that kind.
std::string_view read_item(std::string_view value, Kind kind) noexcept {
  Cursor cursor(value);
  if (read_bare_item(cursor) != kind) return {};
  const std::string_view item = value.substr(0, value.size() - cursor.rest().size());
  read_parameters(cursor);
  return cursor.ok() && cursor.rest().empty() ? item : std::string_view();
}

}  // namespace

std::optional<bool> parse_boolean_item(std::string_view value) noexcept {
  const std::string_view item = read_item(value, Kind::other);
  if (item != "?0" && item != "?1") return std::nullopt;
  return item == "?1";
}

std::optional<std::uint64_t> parse_integer_item(std::string_view value) noexcept {
  const auto number = parse_decimal(read_item(value, Kind::integer));
  return number ? std::optional(*number) : std::nullopt;
}

Result<std::optional<DictionaryMember>> DictionaryReader::next() noexcept {
  if (rest_.empty()) return std::optional<DictionaryMember>{};
  if (follows_) {
    if (!rest_.starts_with(',')) return Error::bad_request;
    rest_ = trim_ows(rest_.substr(1));
  }
  follows_ = true;

  DictionaryMember member;
  Cursor cursor(rest_);
  read_key(cursor);
  member.key = rest_.substr(0, rest_.size() - cursor.rest().size());
  if (cursor.accept('=')) {
    const std::string_view value = cursor.rest();
    if (cursor.accept('(')) {
      read_inner_list(cursor);
    } else {
      member.kind = read_bare_item(cursor);
    }
    member.text = value.substr(0, value.size() - cursor.rest().size());
    if (member.kind == Kind::bytes && cursor.ok()) {
      member.text = member.text.substr(1, member.text.size() - 2);
    }
  }
  read_parameters(cursor);
  if (!cursor.ok()) return Error::bad_request;
  rest_ = trim_ows(cursor.rest());
  return std::optional<DictionaryMember>(member);
}

}  // namespace wherry::http
