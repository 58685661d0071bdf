// SPDX-License-Identifier: MIT
#include "wherry/http/request_head.h"

#include <algorithm>
#include <cstdint>

#include "wherry/base/ascii.h"

namespace wherry::http {
namespace {

constexpr std::string_view kCrlf = "\r\n";

/// field-vchar, SP and HTAB (RFC 9110 §5.5): all but control bytes; obs-text is let through.
bool is_field_content(std::string_view text) noexcept {
  for (const char c : text) {
    if (is_control(c) && c != '\t') return false;
  }
  return true;
}

/// Neither white space nor control bytes.
bool is_visible(std::string_view text) noexcept {
  for (const char c : text) {
    if (is_control(c) || c == ' ') return false;
  }
  return true;
}

/// Takes the text up to the next CRLF off `rest`, and the CRLF.
/// Returns: nullopt when there is no LF or no CR before the first one.
std::optional<std::string_view> take_line(std::string_view& rest) noexcept {
  const std::size_t lf = rest.find('\n');
  if (lf == std::string_view::npos || lf == 0 || rest[lf - 1] != '\r') return std::nullopt;
  const std::string_view line = rest.substr(0, lf - 1);
  rest.remove_prefix(lf + 1);
  return line;
}

/// field-line (RFC 9112 §5): a token, a colon at once, a value. A line that begins with white space
/// (obs-fold) and a space before the colon have no token before the colon.
bool is_field_line(std::string_view line) noexcept {
  const std::size_t colon = line.find(':');
  return colon != std::string_view::npos && is_token(line.substr(0, colon)) &&
         is_field_content(line.substr(colon + 1));
}

}  // namespace

// A line is never longer than its head; this also keeps sums with max_readline from wrapping.
HeadScanner::HeadScanner(HeadLimits limits) noexcept
    : limits_{std::min({limits.max_readline, limits.max_header_bytes, SIZE_MAX / 2}),
              limits.max_header_bytes} {}

Result<std::size_t> HeadScanner::scan(std::string_view received) noexcept {
  const std::string_view window = received.substr(0, limits_.max_header_bytes);
  while (true) {
    const std::size_t line_start = line_start_;
    const Result<Line> line = next_line(window);
    if (!line) return line.error();
    if (*line == Line::incomplete) break;
    const bool empty = line_start_ - line_start == kCrlf.size();
    if (empty && in_fields_) return line_start_;
    if (empty && ++empty_lines_ > kMaxEmptyLines) return Error::malformed;
    if (!empty) in_fields_ = true;
  }
  if (!in_fields_ && received.size() - line_start_ >= limits_.max_readline + kCrlf.size()) {
    return Error::uri_too_long;
  }
  if (received.size() >= limits_.max_header_bytes) {
    return in_fields_ ? Error::header_too_large : Error::uri_too_long;
  }
  return 0;
}

// Looks only at bytes that the line may have: what lies behind a limit cannot change the answer, so
// that one large read and many small ones agree.
Result<HeadScanner::Line> HeadScanner::next_line(std::string_view window) noexcept {
  if (!in_fields_) window = window.substr(0, line_start_ + limits_.max_readline + kCrlf.size());
  const std::string_view fresh = window.substr(position_);
  const std::size_t cr = std::min(fresh.find('\r'), fresh.size());
  const std::string_view text = fresh.substr(0, cr);
  if (text.find('\n') != std::string_view::npos || text.find('\0') != std::string_view::npos) {
    return Error::malformed;
  }
  position_ += cr;
  if (fresh.size() - cr < kCrlf.size()) return Line::incomplete;
  if (fresh[cr + 1] != '\n') return Error::malformed;
  position_ += kCrlf.size();
  line_start_ = position_;
  return Line::complete;
}

Field Fields::Iterator::operator*() const noexcept {
  const std::string_view line = rest_.substr(0, rest_.find('\n') - 1);
  const std::size_t colon = line.find(':');
  return {line.substr(0, colon), trim_ows(line.substr(colon + 1))};
}

Fields::Iterator& Fields::Iterator::operator++() noexcept {
  rest_.remove_prefix(rest_.find('\n') + 1);
  return *this;
}

Result<RequestHead> RequestHead::parse(std::string_view head) noexcept {
  for (std::size_t i = 0; i < kMaxEmptyLines && head.starts_with(kCrlf); ++i) {
    head.remove_prefix(kCrlf.size());
  }
  RequestHead result;
  const std::optional<std::string_view> request_line = take_line(head);
  if (!request_line) return Error::malformed;
  if (const Result<> parsed = result.parse_request_line(*request_line); !parsed) {
    return parsed.error();
  }
  const std::string_view lines = head;
  while (!head.starts_with(kCrlf)) {
    const std::optional<std::string_view> line = take_line(head);
    if (!line || !is_field_line(*line)) return Error::malformed;
  }
  if (head.size() != kCrlf.size()) return Error::malformed;
  result.field_lines_ = lines.substr(0, lines.size() - kCrlf.size());
  return result;
}

// request-line = method SP request-target SP HTTP-version (RFC 9112 §3)
Result<> RequestHead::parse_request_line(std::string_view line) noexcept {
  const std::size_t first_space = line.find(' ');
  const std::size_t last_space = line.rfind(' ');
  if (first_space == std::string_view::npos || first_space == last_space) return Error::malformed;
  method_text_ = line.substr(0, first_space);
  target_ = line.substr(first_space + 1, last_space - first_space - 1);
  if (!is_token(method_text_) || target_.empty() || !is_visible(target_)) return Error::malformed;
  method_ = parse_method(method_text_);

  // HTTP-version = "HTTP/" DIGIT "." DIGIT (RFC 9112 §2.3)
  const std::string_view version = line.substr(last_space + 1);
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
      version[6] != '.' || !is_digit(version[7])) {
    return Error::malformed;
  }
  if (version[5] != '1') return Error::version_not_supported;
  version_minor_ = version[7] == '0' ? 0 : 1;
  return {};
}

std::optional<std::string_view> RequestHead::find(std::string_view name) const noexcept {
  std::string_view rest = field_lines_;
  return take(rest, name);
}

std::optional<std::string_view> RequestHead::find(const char* name) const noexcept {
  return find(std::string_view(name));
}

std::size_t RequestHead::count(std::string_view name) const noexcept {
  std::size_t count = 0;
  for_each(name, [&count](std::string_view) { ++count; });
  return count;
}

// A name has no colon, so that a colon right behind a prefix of equal size is the first of its
// line.
std::optional<std::string_view> RequestHead::take(std::string_view& rest,
                                                  std::string_view name) noexcept {
  while (!rest.empty()) {
    const std::size_t lf = rest.find('\n');
    const std::string_view line = rest.substr(0, lf - 1);
    rest.remove_prefix(lf + 1);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        equals_ignoring_case(line.substr(0, name.size()), name)) {
      return trim_ows(line.substr(name.size() + 1));
    }
  }
  return std::nullopt;
}

}  // namespace wherry::http
