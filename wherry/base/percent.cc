// SPDX-License-Identifier: MIT
#include "wherry/base/percent.h"

#include "wherry/base/ascii.h"

namespace wherry {
namespace {

// RFC 3986 §2.3: unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"
// RFC 3986 §2.2: sub-delims = "!" / "$" / "&" / "'" / "(" / ")" / "*" / "+" / "," / ";" / "="
// RFC 3986 §3.3: pchar = unreserved / pct-encoded / sub-delims / ":" / "@"
// RFC 8187 §3.2.1: attr-char = ALPHA / DIGIT / "!" / "#" / "$" / "&" / "+" / "-" / "." / "^" / "_"
//                              / "`" / "|" / "~"
constexpr std::string_view kUnreservedMarks = "-._~";
constexpr std::string_view kPathMarks = "-._~!$&'()*+,;=:@/";
constexpr std::string_view kAttributeMarks = "!#$&+-.^_`|~";

void encode(std::string_view text, std::string_view kept_marks, TextWriter& into) noexcept {
  constexpr std::string_view kDigits = "0123456789ABCDEF";  // RFC 3986 §2.1: upper case
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || kept_marks.find(c) != std::string_view::npos) {
      into.append(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    const char escape[] = {'%', kDigits[byte >> 4], kDigits[byte & 0xF]};
    into.append(std::string_view(escape, sizeof(escape)));
  }
}

}  // namespace

Result<std::size_t> percent_decode(std::string_view from, std::span<char> into) noexcept {
  std::size_t size = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    char c = from[i];
    if (c == '%') {
      if (from.size() - i < 3) return Error::bad_request;
      const int high = hex_digit_value(from[i + 1]);
      const int low = hex_digit_value(from[i + 2]);
      if (high < 0 || low < 0) return Error::bad_request;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (size == into.size()) return Error::no_memory;
    into[size++] = c;  // never ahead of the byte that was read last: in place is safe
  }
  return size;
}

void percent_encode_path(std::string_view path, TextWriter& into) noexcept {
  encode(path, kPathMarks, into);
}

void percent_encode_component(std::string_view text, TextWriter& into) noexcept {
  encode(text, kUnreservedMarks, into);
}

void percent_encode_attribute(std::string_view text, TextWriter& into) noexcept {
  encode(text, kAttributeMarks, into);
}

}  // namespace wherry
