// SPDX-License-Identifier: MIT
// Range requests: which bytes of a representation a client asked for, and how the answer says so.
// Knows arithmetic on sizes; not files, validators or If-Range (decide that before, and do not ask
// here when it says no).
// Keeps: a range that it hands out is not empty and lies inside the representation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wherry/base/fixed_string.h"

namespace wherry::http {

/// `size` bytes from offset `first`; at least one.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t size = 0;

  bool operator==(const ByteRange&) const = default;
};

/// What a Range field comes to. Several ranges in one request are read and ignored, as RFC 9110
/// §14.2 allows; should they be answered one day, that is a further kind and a further reader.
struct RangeSelection {
  enum class Kind : std::uint8_t {
    whole,          // 200 and all of it: no range that is understood
    single,         // 206 and `range`
    unsatisfiable,  // 416 and `unsatisfied_content_range`
  };
  Kind kind = Kind::whole;
  ByteRange range{};

  bool operator==(const RangeSelection&) const = default;
};

/// Reads the value of a Range field against a representation of `representation_size` bytes.
/// Returns: `single`, clamped to the representation, for `a-b`, `a-` and `-n` (the last n bytes;
///          all of it, when n is larger); `unsatisfiable` when no such byte exists; `whole` for
///          what is malformed, counts in another unit than bytes, or asks for several ranges.
///          Numbers over 64 bits count as 2^64 - 1.
/// Source: RFC 9110 §14.1.1, §14.1.2, §14.2.
RangeSelection parse_range(std::string_view value, std::uint64_t representation_size) noexcept;

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
