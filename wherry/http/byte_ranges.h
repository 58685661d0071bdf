// SPDX-License-Identifier: MIT
// multipart/byteranges: how several ranges of one representation are answered in one body.
// Knows the framing of the parts and its size; not where their bytes come from.
// Keeps: the size that it tells is what its heads, the ranges and its end come to, to the byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "wherry/base/fixed_string.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/range.h"

namespace wherry::http {

inline constexpr std::size_t kBoundarySize = 24;
using Boundary = FixedString<kBoundarySize>;

/// Returns: a boundary that belongs to `seed`: other seeds have others. That it is in no part's
/// bytes is likely, not sure: whoever reads parts counts by their Content-Range. Source: RFC 2046
/// §5.1.1.
Boundary make_boundary(std::uint64_t seed) noexcept;

/// `multipart/byteranges; boundary=` and the boundary
inline constexpr std::size_t kByteRangesTypeSize = 31 + kBoundarySize;
using ByteRangesType = FixedString<kByteRangesTypeSize>;

/// The framing of one answer.  Lifetime: that of the type that it was made with.
class ByteRanges {
 public:
  /// `content_type`: that of each part; empty: none is said.
  ByteRanges(const Boundary& boundary, std::string_view content_type,
             std::uint64_t representation_size) noexcept
      : boundary_(boundary), content_type_(content_type), size_(representation_size) {}

  /// Returns: the Content-Type of the answer.
  ByteRangesType type() const noexcept;

  /// Returns: what the head of a part, or the end, takes at the most: any range, first or not.
  std::size_t max_head_size() const noexcept { return head_size(kMaxContentRangeSize, false); }

  /// Appends what stands before the bytes of `range`, and after those of the range before it.
  /// Source: RFC 9110 §14.6, RFC 2046 §5.1.1.
  void append_head(ByteRange range, bool is_first, TextWriter& writer) const noexcept;

  /// Appends what stands after the bytes of the last range.
  void append_end(TextWriter& writer) const noexcept;

  /// Returns: the Content-Length of an answer with these ranges; none where that is over 64 bits.
  std::optional<std::uint64_t> body_size(std::span<const ByteRange> ranges) const noexcept;

 private:
  std::size_t head_size(std::size_t content_range_size, bool is_first) const noexcept;

  Boundary boundary_;
  std::string_view content_type_;
  std::uint64_t size_;
};

}  // namespace wherry::http
