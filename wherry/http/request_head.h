// SPDX-License-Identifier: MIT
// The head of a request: request line and header section. HeadScanner finds where it ends while it
// arrives, RequestHead reads what it says. Neither knows where the bytes come from, what a field
// means (framing.h) or what a target is (target.h).
// Invariant: a RequestHead exists only for text that is valid line by line, so that its readers
// need no second check; all that it hands out are views into the head, which the caller owns.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/http/method.h"

namespace wherry::http {

/// Empty lines before a request line that are skipped: some clients end a body with one too many.
/// Source: RFC 9112 §2.2 ("at least one").
inline constexpr std::size_t kMaxEmptyLines = 2;

struct HeadLimits {
  std::size_t max_readline;      // bytes of the request line without its CRLF; over it: 414
  std::size_t max_header_bytes;  // bytes of the whole head, request line and blank line too; over
                                 // it: 431, or 414 while the request line has not ended
};

/// Finds the end of a head in the bytes that arrive. It looks at each byte once, however they are
/// cut, and gives the same answer for every cut.
class HeadScanner {
 public:
  explicit HeadScanner(HeadLimits limits) noexcept;

  /// `received` is all that has come since the request began, the bytes of the earlier calls first.
  /// Returns: 0 = more is needed; else the size of the head, its blank line and the empty lines
  /// before it included: what follows belongs to the body or to the next request. A buffer of
  /// `max_header_bytes` is enough: once `received` has that size, the answer is never 0.
  /// Errors: uri_too_long (414), header_too_large (431), malformed (a bare CR or LF, a NUL, too
  /// many empty lines: as soon as it is seen). After an error or a size: reset() before the next
  /// scan. Source: RFC 9112 §2.1, §2.2; RFC 6585 §5.
  Result<std::size_t> scan(std::string_view received) noexcept;

  /// Starts over, for the next request.
  void reset() noexcept { *this = HeadScanner(limits_); }

 private:
  enum class Line : std::uint8_t { incomplete, complete };

  Result<Line> next_line(std::string_view window) noexcept;

  HeadLimits limits_;
  std::size_t position_ = 0;     // what is before it needs no second look
  std::size_t line_start_ = 0;   // first byte of the line that `position_` is in
  std::size_t empty_lines_ = 0;  // those before the request line
  bool in_fields_ = false;       // the request line has ended
};

/// A header field: `name` as it was sent, `value` without the white space around it.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// The fields of a head, in order, read from the text at each step: `for (Field f :
/// head.fields())`.
class Fields {
 public:
  class Iterator {
   public:
    explicit Iterator(std::string_view rest) noexcept : rest_(rest) {}
    Field operator*() const noexcept;
    Iterator& operator++() noexcept;
    bool operator==(const Iterator& other) const noexcept {
      return rest_.size() == other.rest_.size();
    }

   private:
    std::string_view rest_;
  };

  explicit Fields(std::string_view lines) noexcept : lines_(lines) {}
  Iterator begin() const noexcept { return Iterator(lines_); }
  Iterator end() const noexcept { return Iterator(lines_.substr(lines_.size())); }

 private:
  std::string_view lines_;  // validated field lines, each with its CRLF, without the blank line
};

/// A request line and its header fields. Copying copies views.
/// Lifetime: that of the text that it was parsed from.  Memory: none.
class RequestHead {
 public:
  /// `head` is one whole head, its blank line included: as many bytes as HeadScanner::scan said.
  /// Errors: malformed (anything that RFC 9112 does not allow; obsolete line folding too),
  /// version_not_supported (not HTTP/1.x).
  /// Source: RFC 9112 §3, §5; RFC 9110 §5.1, §5.5.
  static Result<RequestHead> parse(std::string_view head) noexcept;

  Method method() const noexcept { return method_; }
  std::string_view method_text() const noexcept { return method_text_; }

  /// The request target as sent: never empty, without white space and control bytes. It may hold
  /// bytes over 0x7F: clients send file names as they are typed.
  std::string_view target() const noexcept { return target_; }

  /// 0 = HTTP/1.0, 1 = HTTP/1.1 or a later 1.x (RFC 9110 §2.5).
  unsigned version_minor() const noexcept { return version_minor_; }

  /// Returns: the value of the first field of that name (a token, any case), nullopt without one.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  std::optional<std::string_view> find(const char* name) const noexcept;

  /// Returns: the number of fields of that name (any case).
  std::size_t count(std::string_view name) const noexcept;

  /// Calls `visit(value)` for each field of that name (any case), in order.
  template <std::invocable<std::string_view> Visit>
  void for_each(std::string_view name, Visit&& visit) const {
    std::string_view rest = field_lines_;
    while (const std::optional<std::string_view> value = take(rest, name)) visit(*value);
  }

  Fields fields() const noexcept { return Fields(field_lines_); }

 private:
  RequestHead() = default;

  Result<> parse_request_line(std::string_view line) noexcept;

  /// The value of the first field of that name in `rest`, which is moved behind it.
  static std::optional<std::string_view> take(std::string_view& rest,
                                              std::string_view name) noexcept;

  std::string_view method_text_;
  std::string_view target_;
  std::string_view field_lines_;  // each with its CRLF, without the blank line
  Method method_ = Method::other;
  std::uint8_t version_minor_ = 1;
};

}  // namespace wherry::http
