// SPDX-License-Identifier: MIT
#include "wherry/transfer/pattern.h"

#include <algorithm>
#include <array>

#include "wherry/base/crc32.h"

namespace wherry::transfer {
namespace {

constexpr std::size_t kPeriod = 256;
// Bytes that one chunk has: many periods, so that the network is asked seldom. Where addresses have
// 32 bits, chunks are a few packets of a board's, and lie in its flash.
constexpr std::size_t kBlockSize = (sizeof(void*) > 4 ? 64 : 8) * kPeriod;
using Block = std::array<std::byte, kBlockSize>;

constexpr Block repeat(unsigned factor) noexcept {
  Block block{};
  for (std::size_t i = 0; i < block.size(); ++i) {
    block[i] = static_cast<std::byte>(i * factor % kPeriod);
  }
  return block;
}

constexpr Block kSequential = repeat(1);
constexpr Block kRandom = repeat(37);

const Block& block_of(Pattern pattern) noexcept {
  return pattern == Pattern::sequential ? kSequential : kRandom;
}

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

coro::Generator<Bytes> generate_pattern(app::Request&, Pattern pattern, std::uint64_t size) {
  const Bytes block = block_of(pattern);
  for (; size > block.size(); size -= block.size()) co_yield block;
  co_yield block.first(static_cast<std::size_t>(size));
}

std::uint32_t pattern_crc32(Pattern pattern, std::uint64_t size) noexcept {
  const Bytes period = Bytes(block_of(pattern)).first(kPeriod);
  const auto rest = static_cast<std::size_t>(size % kPeriod);
  const std::uint32_t whole = crc32_repeated(crc32(period), kPeriod, size / kPeriod);
  return crc32_combine(whole, crc32(period.first(rest)), rest);
}

}  // namespace wherry::transfer
