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

/// One element of the field.
struct Spec {
  bool well_formed = false;
  ByteRange range{};  // of size 0: no such byte exists
};

/// suffix-range = "-" suffix-length: the last bytes.
Spec read_suffix(std::string_view suffix_length, std::uint64_t size) noexcept {
  const auto wanted = read_position(suffix_length);
  if (!wanted) return {};
  const std::uint64_t count = std::min(*wanted, size);
  return {true, {size - count, count}};
}

/// range-spec = int-range / suffix-range (RFC 9110 §14.1.2).
Spec read_spec(std::string_view spec, std::uint64_t size) noexcept {
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return {};
  if (dash == 0) return read_suffix(spec.substr(1), size);
  const auto first = read_position(spec.substr(0, dash));
  const bool open_ended = dash + 1 == spec.size();
  const auto last = open_ended ? std::optional(kMaxPosition) : read_position(spec.substr(dash + 1));
  if (!first || !last || *first > *last) return {};
  if (*first >= size) return {true, {}};
  return {true, {*first, std::min(*last, size - 1) - *first + 1}};
}

/// Up to as many disjoint ranges as there is room for, in the order in which they were asked for.
class RangeSet {
 public:
  explicit RangeSet(std::span<ByteRange> into) noexcept : into_(into) {}

  /// Returns: false when there is no room.
  bool add(ByteRange range) noexcept {
    std::size_t place = count_;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      const ByteRange other = into_[i];
      if (touches(range, other)) {
        // What it grows into touches none of those before: they touched neither of the two.
        range = hull(range, other);
        place = std::min(place, kept);
        if (place == kept) into_[kept++] = range;
        continue;
      }
      into_[kept++] = other;
    }
    count_ = kept;
    if (place < count_) {
      into_[place] = range;
      return true;
    }
    if (count_ == into_.size()) return false;
    into_[count_++] = range;
    return true;
  }

  std::span<const ByteRange> ranges() const noexcept { return into_.first(count_); }

 private:
  /// Whether they overlap, or one begins where the other ends. (An end fits: it is at most the
  /// representation's size.)
  static bool touches(ByteRange a, ByteRange b) noexcept {
    return a.first <= b.first + b.size && b.first <= a.first + a.size;
  }

  static ByteRange hull(ByteRange a, ByteRange b) noexcept {
    const std::uint64_t first = std::min(a.first, b.first);
    return {first, std::max(a.first + a.size, b.first + b.size) - first};
  }

  std::span<ByteRange> into_;
  std::size_t count_ = 0;
};

/// The bytes of `text`, which the caller knows to fit.
ContentRange to_content_range(const TextWriter& text) noexcept {
  ContentRange result;
  const bool fits = !text.overflowed() && result.assign(text.view());
  WHERRY_ASSERT(fits);
  return result;
}

}  // namespace

RangeSelection select_ranges(std::string_view value, std::uint64_t representation_size,
                             std::span<ByteRange> into) noexcept {
  WHERRY_ASSERT(!into.empty());
  constexpr std::string_view kUnit = "bytes=";
  if (!starts_with_ignoring_case(value, kUnit)) return {};
  std::string_view rest = value.substr(kUnit.size());
  RangeSet set(into.first(std::min(into.size(), kMaxRanges)));
  std::size_t count = 0;
  while (!rest.empty()) {
    const std::string_view element = trim_ows(split_next(rest, ','));
    if (element.empty()) continue;  // RFC 9110 §5.6.1.2: a list may have empty elements
    const Spec spec = read_spec(element, representation_size);
    if (!spec.well_formed || ++count > kMaxRangeSpecs) return {};
    if (spec.range.size != 0 && !set.add(spec.range)) return {};
  }
  if (count == 0) return {};
  if (set.ranges().empty()) return {Kind::unsatisfiable};
  return {Kind::partial, set.ranges()};
}

std::size_t ranges_in(std::string_view value) noexcept {
  const auto commas = static_cast<std::size_t>(std::ranges::count(value, ','));
  return std::min(commas + 1, kMaxRanges);
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
