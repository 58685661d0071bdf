// SPDX-License-Identifier: MIT
// A controller's FIFO of words behind one register: every byte of a frame passes here, each way.
#pragma once

#include <cstddef>

#include "boards/common/cortex_m.h"

namespace wherry::boards {

/// Puts `count` words into `fifo`. `from` may lie anywhere, if the core reads words anywhere.
void put_words(Register fifo, const std::byte* from, std::size_t count) noexcept;

/// Takes `count` words from `fifo`. `to` is aligned to a word.
void take_words(Register fifo, std::byte* to, std::size_t count) noexcept;

/// Takes `count` words from `fifo` and forgets them.
inline void skip_words(Register fifo, std::size_t count) noexcept {
  while (count-- > 0) static_cast<void>(fifo.get());
}

}  // namespace wherry::boards
