// SPDX-License-Identifier: MIT
// Base64: bytes as text, as header fields carry digests.
// Knows the one alphabet with `+` and `/`; no line breaks, no white space.
// Keeps: each sequence of bytes has one text, and only that is read: padding is there, and the bits
// that mean nothing are zero.
#pragma once

#include <cstddef>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/base/text_writer.h"

namespace wherry {

/// Returns: the characters that `byte_count` bytes take, padding included.
constexpr std::size_t base64_size(std::size_t byte_count) noexcept {
  return (byte_count + 2) / 3 * 4;
}

/// Appends `bytes` as base64.
/// Source: RFC 4648 §4.
void append_base64(Bytes bytes, TextWriter& writer) noexcept;

/// Returns: how many bytes of `into` were filled.
/// Errors: bad_request: any other character, missing or misplaced padding, unused bits that are not
///         zero, or more bytes than `into` has room for.
/// Source: RFC 4648 §3.2, §3.3, §3.5, §4.
Result<std::size_t> base64_decode(std::string_view text, MutableBytes into) noexcept;

}  // namespace wherry
