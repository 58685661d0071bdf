// SPDX-License-Identifier: MIT
// Pattern: bytes that are made, not stored: each byte follows from its index, 256 of them repeat.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/app/response.h"
#include "wherry/coro/generator.h"

namespace wherry::transfer {

enum class Pattern : std::uint8_t {
  sequential,  // byte i is i % 256
  random,      // byte i is (i * 37) % 256: looks so, and is not
};

/// "sequential", "random"
std::string_view pattern_name(Pattern pattern) noexcept;
std::optional<Pattern> parse_pattern(std::string_view name) noexcept;

/// The bytes `range` of `pattern`, in views of read-only data.
coro::Generator<Bytes> generate_pattern(app::Request& request, Pattern pattern,
                                        http::ByteRange range);

/// `pattern` as what can be sent from any offset on.  Lifetime: static.
const app::Seekable& seekable_pattern(Pattern pattern) noexcept;

/// Their CRC-32, at no cost a byte.
std::uint32_t pattern_crc32(Pattern pattern, std::uint64_t size) noexcept;

}  // namespace wherry::transfer
