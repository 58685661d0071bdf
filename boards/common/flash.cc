// SPDX-License-Identifier: MIT
#include "boards/common/firmware.h"

extern "C" {
// Addresses, by the linker script.
extern const std::byte wherry_flash_begin[], wherry_flash_end[];
}

namespace wherry::boards {

Bytes flash() noexcept { return {wherry_flash_begin, wherry_flash_end}; }

}  // namespace wherry::boards
