// SPDX-License-Identifier: MIT
// Range requests: which bytes of a representation a client asked for, and how the answer says so.
// Knows arithmetic on sizes; not files, validators or If-Range (decide that before, and do not ask
// here when it says no).
// Keeps: a range that it hands out is not empty and lies inside the representation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "wherry/base/fixed_string.h"

namespace wherry::http {

/// `size` bytes from offset `first`; at least one.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t size = 0;

  bool operator==(const ByteRange&) const = default;
};

/// Of a Range field no more ranges than these are answered, and no more elements than these read:
/// whoever asks for more gets the whole representation, which costs less.
/// Source: RFC 9110 §14.2, §17.15.
inline constexpr std::size_t kMaxRanges = 16;
inline constexpr std::size_t kMaxRangeSpecs = 64;

/// What a Range field comes to.
struct RangeSelection {
  enum class Kind : std::uint8_t {
    whole,          // 200 and all of it: no range that is understood, or too many
    partial,        // 206 and `ranges`
    unsatisfiable,  // 416 and `unsatisfied_content_range`
  };
  Kind kind = Kind::whole;
  /// One or more; no byte is in two of them, and no two follow on each other.
  std::span<const ByteRange> ranges = {};
};

/// Reads the value of a Range field against a representation of `representation_size` bytes.
/// Ranges that overlap or are adjacent become one, in the place of the first of them; those that no
/// byte is in are left out.
/// `into`: room for at least one range, and as many as may be answered: kMaxRanges at the most.
/// Returns: `partial`, with ranges in `into`, clamped to the representation, for `a-b`, `a-` and
/// `-n`
///          (the last n bytes; all of it, when n is larger); `unsatisfiable` when no such byte
///          exists; `whole` for what is malformed in any element, counts in another unit than
///          bytes, has more than kMaxRangeSpecs elements, or needs more ranges than `into` has room
///          for at any element. Numbers over 64 bits count as 2^64 - 1.
/// Source: RFC 9110 §14.1.1, §14.1.2, §14.2, §15.3.7.2.
RangeSelection select_ranges(std::string_view value, std::uint64_t representation_size,
                             std::span<ByteRange> into) noexcept;

/// Returns: the room for ranges that a Range field of this value may need, kMaxRanges at the most.
std::size_t ranges_in(std::string_view value) noexcept;

/// "bytes " first "-" last "/" size, three numbers of up to 20 digits.
inline constexpr std::size_t kMaxContentRangeSize = 6 + 20 + 1 + 20 + 1 + 20;
using ContentRange = FixedString<kMaxContentRangeSize>;

/// Returns: the Content-Range of a 206: `bytes 0-99/1000`. `range` lies inside the representation.
/// Source: RFC 9110 §14.4.
ContentRange content_range(ByteRange range, std::uint64_t representation_size) noexcept;

/// Returns: the Content-Range of a 416: `bytes */1000`.
/// Source: RFC 9110 §14.4, §15.5.17.
ContentRange unsatisfied_content_range(std::uint64_t representation_size) noexcept;

}  // namespace wherry::http
