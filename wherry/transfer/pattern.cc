// SPDX-License-Identifier: MIT
#include "wherry/transfer/pattern.h"

#include <algorithm>
#include <array>

#include "wherry/base/crc32.h"

namespace wherry::transfer {
namespace {

constexpr std::size_t kPeriod = 256;
// Bytes that one chunk has: many periods, so that the network is asked seldom; on a host as many as
// sendfile hands over at a time, 16 whole pages. Where addresses have 32 bits, chunks are packets
// of a board's, and lie in its flash: the one by which a link is measured is worth more of it than
// the other.
constexpr bool kIsSmall = sizeof(void*) == 4;
constexpr std::size_t kSequentialBytes = (kIsSmall ? 4 : 256) * kPeriod;
constexpr std::size_t kRandomBytes = (kIsSmall ? 1 : 256) * kPeriod;
constexpr std::size_t kAlignment = kIsSmall ? 4 : 4096;

template <std::size_t N>
constexpr std::array<std::byte, N> repeat(unsigned factor) noexcept {
  std::array<std::byte, N> block{};
  for (std::size_t i = 0; i < block.size(); ++i) {
    block[i] = static_cast<std::byte>(i * factor % kPeriod);
  }
  return block;
}

alignas(kAlignment) constexpr auto kSequential = repeat<kSequentialBytes>(1);
alignas(kAlignment) constexpr auto kRandom = repeat<kRandomBytes>(37);

template <std::size_t N>
consteval RepeatedCrc32 crc32_of_periods(const std::array<std::byte, N>& block) {
  std::uint32_t crc = ~0u;
  for (std::size_t i = 0; i < kPeriod; ++i) {
    crc ^= std::to_integer<std::uint32_t>(block[i]);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) * crc32_detail::kPolynomial);
  }
  return {~crc, kPeriod};
}

constexpr RepeatedCrc32 kSequentialCrc32 = crc32_of_periods(kSequential);
constexpr RepeatedCrc32 kRandomCrc32 = crc32_of_periods(kRandom);

Bytes block_of(Pattern pattern) noexcept {
  return pattern == Pattern::sequential ? Bytes(kSequential) : Bytes(kRandom);
}

class SeekablePattern final : public app::Seekable {
 public:
  explicit constexpr SeekablePattern(Pattern pattern) noexcept : pattern_(pattern) {}
  coro::Generator<Bytes> generate(app::Request& request, http::ByteRange range) const override {
    return generate_pattern(request, pattern_, range);
  }

 private:
  Pattern pattern_;
};

constexpr SeekablePattern kSeekableSequential(Pattern::sequential);
constexpr SeekablePattern kSeekableRandom(Pattern::random);

}  // namespace

std::string_view pattern_name(Pattern pattern) noexcept {
  return pattern == Pattern::sequential ? "sequential" : "random";
}

std::optional<Pattern> parse_pattern(std::string_view name) noexcept {
  for (const Pattern pattern : {Pattern::sequential, Pattern::random}) {
    if (name == pattern_name(pattern)) return pattern;
  }
  return std::nullopt;
}

coro::Generator<Bytes> generate_pattern(app::Request&, Pattern pattern, http::ByteRange range) {
  Bytes block = block_of(pattern).subspan(static_cast<std::size_t>(range.first % kPeriod));
  while (range.size > block.size()) {
    range.size -= block.size();
    co_yield block;
    block = block_of(pattern);  // what follows begins with a period
  }
  co_yield block.first(static_cast<std::size_t>(range.size));
}

const app::Seekable& seekable_pattern(Pattern pattern) noexcept {
  return pattern == Pattern::sequential ? kSeekableSequential : kSeekableRandom;
}

std::uint32_t pattern_crc32(Pattern pattern, std::uint64_t size) noexcept {
  const RepeatedCrc32& periods = pattern == Pattern::sequential ? kSequentialCrc32 : kRandomCrc32;
  const std::uint32_t whole = periods.of(size / kPeriod);
  const auto rest = static_cast<std::size_t>(size % kPeriod);
  return rest == 0 ? whole : crc32_combine(whole, crc32(block_of(pattern).first(rest)), rest);
}

}  // namespace wherry::transfer
