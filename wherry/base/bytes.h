// SPDX-License-Identifier: MIT
// Byte spans: the one way in which data is handed around. A span never owns what it shows.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace wherry {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

/// The bytes of `text`.  Lifetime: that of what `text` shows.
inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// `bytes` read as characters.  Lifetime: that of what `bytes` shows.
inline std::string_view as_text(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace wherry
