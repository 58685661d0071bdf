// SPDX-License-Identifier: MIT
#include "wherry/http/multipart.h"

#include <algorithm>

#include "wherry/base/ascii.h"
#include "wherry/base/assert.h"
#include "wherry/http/field_value.h"

namespace wherry::http {
namespace {

constexpr std::string_view kBeforeBoundary = "\r\n--";
constexpr std::uint8_t kLineBreakSize = 2;

constexpr bool is_padding(char c) { return c == ' ' || c == '\t'; }

/// bchars (RFC 2046 §5.1.1)
constexpr bool is_boundary_char(char c) {
  return is_alpha(c) || is_digit(c) ||
         std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}

}  // namespace

Result<std::string_view> multipart_boundary(std::string_view content_type) noexcept {
  ParameterReader reader(content_type);
  if (!equals_ignoring_case(reader.item(), "multipart/form-data")) {
    return Error::unsupported_media_type;
  }
  std::string_view boundary;
  while (true) {
    const auto parameter = reader.next();
    if (!parameter) return Error::bad_form;
    if (!*parameter) break;
    if (!equals_ignoring_case((*parameter)->name, "boundary")) continue;
    if (!boundary.empty()) return Error::bad_form;
    boundary = (*parameter)->raw;  // an escape in it is no boundary character
    if (!MultipartParser::is_boundary(boundary)) return Error::bad_form;
  }
  if (boundary.empty()) return Error::bad_form;
  return boundary;
}

bool MultipartParser::is_boundary(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxBoundarySize && text.back() != ' ' &&
         std::ranges::all_of(text, is_boundary_char);
}

MultipartParser::MultipartParser(std::string_view boundary, std::span<char> head_buffer) noexcept
    : head_buffer_(head_buffer) {
  WHERRY_ASSERT(is_boundary(boundary));
  const auto after = std::ranges::copy(kBeforeBoundary, delimiter_.begin()).out;
  std::ranges::copy(boundary, after);
  delimiter_size_ = static_cast<std::uint8_t>(kBeforeBoundary.size() + boundary.size());
  begin_line();  // the first delimiter may be the first thing in the body
}

Result<MultipartParser::Event> MultipartParser::next(Bytes& input) noexcept {
  if (end_due_) {
    end_due_ = false;
    return Event{Kind::end};
  }
  while (!input.empty()) {
    switch (state_) {
      case State::failed:
        return error_;
      case State::epilogue:
        input = {};
        break;
      case State::preamble:
        static_cast<void>(take_data(input));
        break;
      case State::data: {
        const Bytes data = take_data(input);
        if (!data.empty()) return Event{Kind::data, data};
        break;
      }
      default: {
        const char c = static_cast<char>(input.front());
        input = input.subspan(1);
        const auto event = state_ == State::head ? take_head_char(c) : take_line_char(c);
        if (!event || event->kind != Kind::need_input) return event;
      }
    }
  }
  if (state_ == State::failed) return error_;
  return Event{};
}

Result<> MultipartParser::finish() const noexcept {
  switch (state_) {
    case State::close_padding:
    case State::close_cr:
    case State::epilogue:
      return {};
    case State::failed:
      return error_;
    default:
      return Error::bad_form;
  }
}

/// The bytes that come next stand at the beginning of a line: a delimiter needs no CRLF there.
void MultipartParser::begin_line() noexcept { matched_ = imagined_ = kLineBreakSize; }

/// Takes bytes from `input` until it is used up, or a delimiter is complete, or there is data.
/// Returns: the data, perhaps none.
Bytes MultipartParser::take_data(Bytes& input) noexcept {
  if (matched_ != 0) return resume_delimiter(input);
  const std::string_view text = as_text(input);
  // Only a CR can begin a delimiter, and none stands inside one.
  std::size_t found = text.find('\r');
  while (found != std::string_view::npos &&
         !delimiter().starts_with(text.substr(found, delimiter_size_))) {
    found = text.find('\r', found + 1);
  }
  const Bytes data = input.first(std::min(found, input.size()));
  input = input.subspan(data.size());
  if (data.empty()) return resume_delimiter(input);
  return data;
}

/// Goes on with a delimiter of which `matched_` bytes were seen. When it turns out to be none, what
/// was seen of it is data after all, and equals the front of the delimiter.
Bytes MultipartParser::resume_delimiter(Bytes& input) noexcept {
  const std::string_view text = as_text(input);
  const std::string_view wanted = delimiter().substr(matched_);
  const auto differ = std::ranges::mismatch(wanted, text);
  const auto count = static_cast<std::size_t>(differ.in1 - wanted.begin());
  matched_ = static_cast<std::uint8_t>(matched_ + count);
  input = input.subspan(count);
  if (matched_ == delimiter_size_) {
    state_ = State::delimiter_line;
    return {};
  }
  if (input.empty()) return {};
  const std::string_view held = delimiter().substr(imagined_, matched_ - std::size_t{imagined_});
  matched_ = imagined_ = 0;
  return as_bytes(held);
}

/// What follows a delimiter on its line. An event of need_input here means: go on.
/// Source: RFC 2046 §5.1.1, transport-padding and close-delimiter.
Result<MultipartParser::Event> MultipartParser::take_line_char(char c) noexcept {
  const auto go_on = [this](State state) {
    state_ = state;
    return Event{};
  };
  switch (state_) {
    case State::delimiter_line:
      if (c == '-') return go_on(State::close_dash);
      [[fallthrough]];
    case State::padding:
      if (is_padding(c)) return go_on(State::padding);
      if (c == '\r') return go_on(State::delimiter_cr);
      break;
    case State::delimiter_cr:
      if (c != '\n') break;
      state_ = State::head;
      head_size_ = 0;
      return Event{leave_part(Kind::need_input)};
    case State::close_dash:
      if (c != '-') break;
      state_ = State::close_padding;
      end_due_ = in_part_;
      return Event{leave_part(Kind::end)};
    case State::close_padding:
      if (is_padding(c)) return Event{};
      if (c == '\r') return go_on(State::close_cr);
      break;
    case State::close_cr:
      if (c == '\n') return go_on(State::epilogue);
      break;
    default:
      break;
  }
  return fail(Error::bad_form);
}

/// Collects the lines of a part's head, each ended by one LF; folded lines become one (RFC 5322
/// §2.2.3). An event of need_input here means: go on.
Result<MultipartParser::Event> MultipartParser::take_head_char(char c) noexcept {
  const bool line_begins = head_size_ == 0 || head_buffer_[head_size_ - 1] == '\n';
  if (head_cr_) {
    head_cr_ = false;
    if (c != '\n') return fail(Error::bad_form);
    if (line_begins) return head_complete();
  } else if (c == '\r') {
    head_cr_ = true;
    return Event{};
  } else if (is_control(c) && c != '\t') {
    return fail(Error::bad_form);
  } else if (line_begins && head_size_ != 0 && is_padding(c)) {
    head_buffer_[head_size_ - 1] = ' ';
    return Event{};
  }
  if (head_size_ == head_buffer_.size()) return fail(Error::header_too_large);
  head_buffer_[head_size_++] = c;
  return Event{};
}

Result<MultipartParser::Event> MultipartParser::head_complete() noexcept {
  const auto part = parse_part_head(head_buffer_.first(head_size_));
  if (!part) return fail(part.error());
  part_ = *part;
  state_ = State::data;
  in_part_ = true;
  begin_line();  // RFC 2046 §5.1.1: in an empty part the blank line's CRLF may be the delimiter's
  return Event{Kind::part_begin};
}

MultipartParser::Event::Kind MultipartParser::leave_part(Kind otherwise) noexcept {
  const Kind kind = in_part_ ? Kind::part_end : otherwise;
  in_part_ = false;
  return kind;
}

Result<MultipartParser::Event> MultipartParser::fail(Error error) noexcept {
  state_ = State::failed;
  error_ = error;
  return error;
}

}  // namespace wherry::http
