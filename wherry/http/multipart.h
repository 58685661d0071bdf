// SPDX-License-Identifier: MIT
// multipart/form-data as a push parser: bodies come in spans of any size, parts go out as events.
// Knows the framing of parts; not where the bytes come from, go to, or how many there may be.
// Keeps: part data is never copied nor buffered. A delimiter cut by the end of a span needs no
// buffer either: what was matched of it equals the parser's own copy of the delimiter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/http/part_head.h"

namespace wherry::http {

/// The longest boundary (RFC 2046 §5.1.1), in characters.
inline constexpr std::size_t kMaxBoundarySize = 70;

/// Finds the boundary in the value of a request's Content-Type.
/// Returns: the boundary, fit for a MultipartParser.  Lifetime: that of `content_type`.
/// Errors: unsupported_media_type: not multipart/form-data; bad_form: no boundary, two of them, or
///         one that `MultipartParser::is_boundary` refuses.
Result<std::string_view> multipart_boundary(std::string_view content_type) noexcept;

/// Cuts the body of a form into parts.
///
/// For each span of the body call `next` until it asks for more; at the end of the body call
/// `finish`. The events of one form are `(part_begin data* part_end)* end`, the same however the
/// body was cut into spans (data apart, which may come in more or fewer pieces).
///
///   while (true) {
///     auto event = parser.next(input);
///     if (!event) return event.error();
///     switch (event->kind) { … }
///   }
///
/// Ambiguity is refused, never guessed at: a line that starts with the delimiter but goes on with
/// anything else than padding, or than `--` and padding, is bad_form, because RFC 2046 §5.1.1 makes
/// the sender choose a boundary that starts no line of the data.
class MultipartParser {
 public:
  struct Event {
    enum class Kind : std::uint8_t {
      need_input,  // `input` is used up: call again with more, or `finish`
      part_begin,  // the head of a part is complete: see `part()`
      data,        // some bytes of that part, at least one
      part_end,    // the part is complete
      end,         // the form is complete (once); what follows it is read and dropped
    };
    Kind kind = Kind::need_input;
    /// Lifetime: that of the input and of the parser, whichever is shorter.
    Bytes data{};
  };

  /// Whether `text` is a boundary: 1..70 characters of RFC 2046 §5.1.1, the last one no space.
  static bool is_boundary(std::string_view text) noexcept;

  /// `boundary` is copied; it must satisfy `is_boundary`.
  /// `head_buffer` holds the head of one part: its lines, an end of line counted as one byte. 512
  /// bytes are enough for what browsers and curl send with file names of up to 255 bytes.
  /// Lifetime: `head_buffer` outlives the parser.
  MultipartParser(std::string_view boundary, std::span<char> head_buffer) noexcept;
  MultipartParser(const MultipartParser&) = delete;
  MultipartParser& operator=(const MultipartParser&) = delete;

  /// Takes bytes from the front of `input` up to the next event.
  /// Returns: the event. need_input means that `input` is empty now.
  /// Errors: bad_form: not a form, or an ambiguous one; header_too_large: a part's head over
  ///         `head_buffer`. After an error every call returns that error.
  /// Source: RFC 2046 §5.1.1, RFC 7578 §4.
  Result<Event> next(Bytes& input) noexcept;

  /// To be called at the end of the body.
  /// Errors: bad_form unless the close delimiter was seen: a truncated form is never complete;
  ///         otherwise the error that `next` met.
  Result<> finish() const noexcept;

  /// The head of the part that last began.  Lifetime: until the `next` that follows its part_end.
  const PartHead& part() const noexcept { return part_; }

 private:
  enum class State : std::uint8_t {
    preamble,        // before the first delimiter
    data,            // in a part
    delimiter_line,  // after a delimiter: padding and CRLF, or the first `-` of a close delimiter
    padding,         // after a delimiter and some padding: CRLF only
    delimiter_cr,    // after the CR of a delimiter line
    close_dash,      // after the first `-`
    head,            // in the head of a part
    close_padding,   // after the close delimiter: padding, then CRLF or the end of the body
    close_cr,        // after the CR there
    epilogue,        // all that follows is dropped
    failed,
  };
  using Kind = Event::Kind;

  Result<Event> fail(Error error) noexcept;
  void begin_line() noexcept;
  Bytes take_data(Bytes& input) noexcept;
  Bytes resume_delimiter(Bytes& input) noexcept;
  Result<Event> take_line_char(char c) noexcept;
  Result<Event> take_head_char(char c) noexcept;
  Result<Event> head_complete() noexcept;
  Kind leave_part(Kind otherwise) noexcept;
  std::string_view delimiter() const noexcept { return {delimiter_.data(), delimiter_size_}; }

  std::array<char, kMaxBoundarySize + 4> delimiter_;  // CR LF - - boundary
  std::uint8_t delimiter_size_ = 0;
  std::uint8_t matched_ = 0;   // how much of the delimiter the last bytes were, in preamble, data
  std::uint8_t imagined_ = 0;  // of these, how many were not in the data: a line began already
  State state_ = State::preamble;
  Error error_ = Error::none;
  bool in_part_ = false;
  bool end_due_ = false;       // `end` goes out next
  bool head_cr_ = false;       // the head's last character was CR
  std::size_t head_size_ = 0;  // bytes used of head_buffer_
  std::span<char> head_buffer_;
  PartHead part_;
};

}  // namespace wherry::http
