// SPDX-License-Identifier: MIT
#include "wherry/http/range.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "wherry/base/ascii.h"
#include "wherry/base/assert.h"
#include "wherry/base/text_writer.h"

namespace wherry::http {
namespace {

using Kind = RangeSelection::Kind;

constexpr std::uint64_t kMaxPosition = std::numeric_limits<std::uint64_t>::max();

/// 1*DIGIT. Returns: the number, or 2^64 - 1 for those above; nothing when it is not a number.
std::optional<std::uint64_t> read_position(std::string_view digits) noexcept {
  if (digits.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    const bool is_too_large = value > kMaxPosition / 10 || value * 10 > kMaxPosition - digit;
    value = is_too_large ? kMaxPosition : value * 10 + digit;
  }
  return value;
}

/// suffix-range = "-" suffix-length: the last bytes.
RangeSelection select_suffix(std::string_view suffix_length, std::uint64_t size) noexcept {
  const auto wanted = read_position(suffix_length);
  if (!wanted) return {};
  const std::uint64_t count = std::min(*wanted, size);
  if (count == 0) return {Kind::unsatisfiable};
  return {Kind::single, {size - count, count}};
}

/// range-spec = int-range / suffix-range (RFC 9110 §14.1.2).
RangeSelection select(std::string_view spec, std::uint64_t size) noexcept {
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return {};
  if (dash == 0) return select_suffix(spec.substr(1), size);
  const auto first = read_position(spec.substr(0, dash));
  const bool open_ended = dash + 1 == spec.size();
  const auto last = open_ended ? std::optional(kMaxPosition) : read_position(spec.substr(dash + 1));
  if (!first || !last || *first > *last) return {};
  if (*first >= size) return {Kind::unsatisfiable};
  return {Kind::single, {*first, std::min(*last, size - 1) - *first + 1}};
}

/// The bytes of `text`, which the caller knows to fit.
ContentRange to_content_range(const TextWriter& text) noexcept {
  ContentRange result;
  const bool fits = !text.overflowed() && result.assign(text.view());
  WHERRY_ASSERT(fits);
  return result;
}

}  // namespace

RangeSelection parse_range(std::string_view value, std::uint64_t representation_size) noexcept {
  constexpr std::string_view kUnit = "bytes=";
  if (!starts_with_ignoring_case(value, kUnit)) return {};
  std::string_view rest = value.substr(kUnit.size());
  std::string_view only;
  while (!rest.empty()) {
    const std::string_view spec = trim_ows(split_next(rest, ','));
    if (spec.empty()) continue;    // RFC 9110 §5.6.1.2: a list may have empty items
    if (!only.empty()) return {};  // several ranges
    only = spec;
  }
  return select(only, representation_size);
}

ContentRange content_range(ByteRange range, std::uint64_t representation_size) noexcept {
  WHERRY_ASSERT(range.size != 0 && range.first < representation_size &&
                range.size <= representation_size - range.first);
  char memory[kMaxContentRangeSize];
  TextWriter text{std::span(memory)};
  text.append("bytes ").append_decimal(range.first);
  text.append('-').append_decimal(range.first + (range.size - 1));
  text.append('/').append_decimal(representation_size);
  return to_content_range(text);
}

ContentRange unsatisfied_content_range(std::uint64_t representation_size) noexcept {
  char memory[kMaxContentRangeSize];
  TextWriter text{std::span(memory)};
  text.append("bytes */").append_decimal(representation_size);
  return to_content_range(text);
}

}  // namespace wherry::http
