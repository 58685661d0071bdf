// SPDX-License-Identifier: MIT
#include "wherry/http/chunked.h"

#include <algorithm>

#include "wherry/base/ascii.h"
#include "wherry/base/assert.h"
#include "wherry/base/text_writer.h"

namespace wherry::http {
namespace {

constexpr unsigned kMaxSizeDigits = 16;  // four bits each: 64 bits, so that a size cannot wrap

constexpr bool is_white_space(char c) noexcept { return c == ' ' || c == '\t'; }

/// Text of quoted strings and field values (RFC 9110 §5.5): all but control bytes.
constexpr bool is_text(char c) noexcept { return !is_control(c) || c == '\t'; }

}  // namespace

Result<ChunkedDecoder::Step> ChunkedDecoder::decode(Bytes input) noexcept {
  std::size_t position = 0;
  while (position < input.size() && state_ != State::finished && state_ != State::failed) {
    if (state_ == State::data) {
      const Bytes rest = input.subspan(position);
      const Bytes data =
          rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, rest.size())));
      data_taken(data.size());
      return Step{position + data.size(), data, false};
    }
    state_ = next(static_cast<char>(input[position]));
    ++position;
  }
  if (state_ == State::failed) return Error::malformed;
  return Step{position, {}, finished()};
}

void ChunkedDecoder::data_taken(std::uint64_t size) noexcept {
  WHERRY_ASSERT(size <= data_expected());
  remaining_ -= size;
  if (remaining_ == 0 && state_ == State::data) state_ = State::data_cr;
}

ChunkedDecoder::State ChunkedDecoder::next(char c) noexcept {
  switch (state_) {
    case State::size_first_digit:
    case State::size:
    case State::size_lf:
      return next_in_size(c);
    case State::data_cr:
      return c == '\r' ? State::data_lf : State::failed;
    case State::data_lf:
      return c == '\n' ? State::size_first_digit : State::failed;
    case State::trailer_line_start:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_lf:
    case State::final_lf:
      return next_in_trailer(c);
    default:
      return next_in_extension(c);
  }
}

// chunk-size = 1*HEXDIG
ChunkedDecoder::State ChunkedDecoder::next_in_size(char c) noexcept {
  if (state_ == State::size_lf) {
    line_bytes_ = 0;
    if (c != '\n') return State::failed;
    return remaining_ == 0 ? State::trailer_line_start : State::data;
  }
  const int digit = hex_digit_value(c);
  if (digit < 0) {
    if (state_ == State::size_first_digit) return State::failed;
    line_bytes_ = 0;
    return after_size_line_item(c);
  }
  if (++line_bytes_ > kMaxSizeDigits) return State::failed;
  remaining_ = remaining_ << 4 | static_cast<unsigned>(digit);
  return State::size;
}

// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
ChunkedDecoder::State ChunkedDecoder::next_in_extension(char c) noexcept {
  if (++line_bytes_ > kMaxChunkExtensionBytes) return State::failed;
  if (++extension_bytes_ > kMaxExtensionBytes) return State::failed;
  switch (state_) {
    case State::extension_before_semicolon:
      if (is_white_space(c)) return state_;
      return c == ';' ? State::extension_before_name : State::failed;
    case State::extension_before_name:
      if (is_white_space(c)) return state_;
      return is_token_char(c) ? State::extension_name : State::failed;
    case State::extension_name:
      if (is_token_char(c)) return state_;
      if (is_white_space(c)) return State::extension_after_name;
      return c == '=' ? State::extension_before_value : after_size_line_item(c);
    case State::extension_after_name:
      if (is_white_space(c)) return state_;
      if (c == '=') return State::extension_before_value;
      return c == ';' ? State::extension_before_name : State::failed;
    case State::extension_before_value:
      if (is_white_space(c)) return state_;
      if (c == '"') return State::extension_quoted;
      return is_token_char(c) ? State::extension_value : State::failed;
    case State::extension_value:
      return is_token_char(c) ? state_ : after_size_line_item(c);
    case State::extension_quoted:
      if (c == '"') return State::extension_after_quoted;
      if (c == '\\') return State::extension_escaped;
      return is_text(c) ? state_ : State::failed;
    case State::extension_escaped:
      return is_text(c) ? State::extension_quoted : State::failed;
    default:  // extension_after_quoted
      return after_size_line_item(c);
  }
}

/// After a size, an extension's name or its value: another extension, or the end of the line.
ChunkedDecoder::State ChunkedDecoder::after_size_line_item(char c) noexcept {
  if (is_white_space(c)) return State::extension_before_semicolon;
  if (c == ';') return State::extension_before_name;
  return c == '\r' ? State::size_lf : State::failed;
}

// trailer-section = *( field-line CRLF )
ChunkedDecoder::State ChunkedDecoder::next_in_trailer(char c) noexcept {
  if (++line_bytes_ > kMaxTrailerBytes) return State::failed;
  switch (state_) {
    case State::trailer_line_start:
      if (c == '\r') return State::final_lf;
      return is_token_char(c) ? State::trailer_name : State::failed;
    case State::trailer_name:
      if (c == ':') return State::trailer_value;
      return is_token_char(c) ? state_ : State::failed;
    case State::trailer_value:
      if (c == '\r') return State::trailer_lf;
      return is_text(c) ? state_ : State::failed;
    case State::trailer_lf:
      return c == '\n' ? State::trailer_line_start : State::failed;
    default:  // final_lf
      return c == '\n' ? State::finished : State::failed;
  }
}

FixedString<18> chunk_head(std::size_t size) noexcept {
  WHERRY_ASSERT(size != 0);
  char text[18];
  TextWriter writer{std::span<char>(text)};
  writer.append_hex(size).append("\r\n");
  FixedString<18> head;
  const bool fits = !writer.overflowed() && head.append(writer.view());
  WHERRY_ASSERT(fits);
  return head;
}

}  // namespace wherry::http
