// SPDX-License-Identifier: MIT
// Percent-encoding (RFC 3986 §2.1). Decodes exactly once and judges nothing but the escapes:
// whether a decoded NUL, slash or dot may stand in a name is for the caller to say.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/base/text_writer.h"

namespace wherry {

/// Decodes `from` into `into`; '+' stays '+'. Decoding in place is allowed: `into` may begin where
/// `from` begins (or before).
/// Returns: the bytes written, at most `from.size()`. After an error `into` holds no result.
/// Errors: bad_request ('%' without two hexadecimal digits), no_memory (`into` is too small).
/// Source: RFC 3986 §2.1, §2.4.
Result<std::size_t> percent_decode(std::string_view from, std::span<char> into) noexcept;

/// Appends `path` so that it can stand as the path of a URL: keeps unreserved, sub-delims, ':', '@'
/// and '/'; each other byte becomes %HH. In a reference that does not begin with '/' a first
/// segment with ':' would read as a scheme: put "./" before it. '&' and '\'' still want append_html
/// in HTML. Source: RFC 3986 §3.3 (pchar), §4.2.
void percent_encode_path(std::string_view path, TextWriter& into) noexcept;

/// Appends `text` so that it can stand as one segment, one query key or value: keeps unreserved.
/// Source: RFC 3986 §2.3.
void percent_encode_component(std::string_view text, TextWriter& into) noexcept;

/// Appends `text` as the value-chars of an extended parameter (what follows `filename*=UTF-8''`):
/// keeps attr-char.
/// Source: RFC 8187 §3.2.1.
void percent_encode_attribute(std::string_view text, TextWriter& into) noexcept;

}  // namespace wherry
