// SPDX-License-Identifier: MIT
#include "wherry/http/byte_ranges.h"

#include <limits>

#include "wherry/base/assert.h"

namespace wherry::http {
namespace {

constexpr std::string_view kPrefix = "wherry--";
static_assert(kPrefix.size() + 16 == kBoundarySize);

/// Each bit of the result depends on each of `value`, and no two values have the same result
/// (the finalizer of SplitMix64).
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
  value = (value ^ value >> 27) * 0x94D049BB133111EB;
  return value ^ value >> 31;
}

}  // namespace

Boundary make_boundary(std::uint64_t seed) noexcept {
  char memory[kBoundarySize];
  TextWriter text{std::span(memory)};
  text.append(kPrefix).append_hex(mix(seed), 16);
  Boundary boundary;
  const bool fits = boundary.assign(text.view());
  WHERRY_ASSERT(fits);
  return boundary;
}

ByteRangesType ByteRanges::type() const noexcept {
  ByteRangesType type;
  const bool fits = type.assign("multipart/byteranges; boundary=") && type.append(boundary_.view());
  WHERRY_ASSERT(fits);
  return type;
}

// The texts of append_head and append_end, which the test holds against these sizes.
std::size_t ByteRanges::head_size(std::size_t content_range_size, bool is_first) const noexcept {
  constexpr std::size_t kFixed = std::string_view("--\r\nContent-Range: \r\n\r\n").size();
  const std::size_t type_line =
      content_type_.empty() ? 0
                            : std::string_view("Content-Type: \r\n").size() + content_type_.size();
  return (is_first ? 0 : 2) + kFixed + boundary_.size() + type_line + content_range_size;
}

void ByteRanges::append_head(ByteRange range, bool is_first, TextWriter& writer) const noexcept {
  if (!is_first) writer.append("\r\n");
  writer.append("--").append(boundary_).append("\r\n");
  if (!content_type_.empty()) writer.append("Content-Type: ").append(content_type_).append("\r\n");
  writer.append("Content-Range: ").append(content_range(range, size_)).append("\r\n\r\n");
}

void ByteRanges::append_end(TextWriter& writer) const noexcept {
  writer.append("\r\n--").append(boundary_).append("--\r\n");
}

std::optional<std::uint64_t> ByteRanges::body_size(
    std::span<const ByteRange> ranges) const noexcept {
  std::uint64_t size = std::string_view("\r\n----\r\n").size() + boundary_.size();
  for (const ByteRange& range : ranges) {
    const std::size_t head =
        head_size(content_range(range, size_).size(), &range == &ranges.front());
    const std::uint64_t left = std::numeric_limits<std::uint64_t>::max() - size;
    if (left < head || range.size > left - head) return std::nullopt;
    size += head + range.size;
  }
  return size;
}

}  // namespace wherry::http
