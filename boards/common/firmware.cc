// SPDX-License-Identifier: MIT
#include "boards/common/firmware.h"

#include "wherry/base/text_writer.h"

extern "C" {
// Addresses, by the linker script.
extern const std::byte wherry_flash_begin[], wherry_flash_end[];
}

namespace wherry::boards {

Bytes flash() noexcept { return {wherry_flash_begin, wherry_flash_end}; }

void tell_storage(storage::littlefs::Medium medium) noexcept {
  char text[100];
  TextWriter line(text);
  line.append("Storage: ").append(storage::littlefs::text_of(medium));
  console().write_line(line.view());
}

}  // namespace wherry::boards
