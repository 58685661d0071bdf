// SPDX-License-Identifier: MIT
#include "wherry/transfer/pattern.h"

#include <algorithm>
#include <array>

#include "wherry/base/crc32.h"

namespace wherry::transfer {
namespace {

constexpr std::size_t kPeriod = 256;
// What a pattern's bytes are taken from, and how many at most at a time: many periods, so that the
// network is asked seldom; on a host as many as sendfile hands over at a time, 16 whole pages.
// Where addresses have 32 bits, they lie in a board's flash. There the pattern by which a link is
// measured has as many as a packet of Ethernet's, wherever they begin in the period, so that packet
// after packet is one piece of memory; the other has one period.
constexpr bool kIsSmall = sizeof(void*) == 4;
constexpr std::size_t kMaxChunk = kIsSmall ? 1460 : 256 * kPeriod;
constexpr std::size_t kSequentialBytes = kIsSmall ? kMaxChunk + kPeriod : kMaxChunk;
constexpr std::size_t kRandomBytes = kIsSmall ? kPeriod : kMaxChunk;
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
  do {
    Bytes chunk = block_of(pattern).subspan(static_cast<std::size_t>(range.first % kPeriod));
    const std::size_t most = std::min(chunk.size(), kMaxChunk);
    chunk = chunk.first(static_cast<std::size_t>(std::min<std::uint64_t>(most, range.size)));
    range.first += chunk.size();
    range.size -= chunk.size();
    co_yield chunk;
  } while (range.size > 0);
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
