// SPDX-License-Identifier: MIT
// Strict UTF-8 (RFC 3629): what this accepts, every other strict decoder reads in the same way.
// Knows nothing of characters beyond their code points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wherry {

/// The well-formed sequence at the front of a text.
struct Utf8Sequence {
  std::uint32_t code_point = 0;
  std::size_t size = 0;  // 1 to 4; 0: there is none
};

/// Returns: the sequence at the front of `text`; size 0 when `text` is empty or begins with a
/// byte that begins no well-formed sequence (overlong, surrogate, above U+10FFFF, cut short).
/// Source: RFC 3629 §4.
Utf8Sequence first_utf8_sequence(std::string_view text) noexcept;

/// Returns: whether `text` consists of well-formed sequences alone; an empty text does.
/// Source: RFC 3629 §4.
bool is_valid_utf8(std::string_view text) noexcept;

}  // namespace wherry
