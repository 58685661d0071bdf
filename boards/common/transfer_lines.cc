// SPDX-License-Identifier: MIT
#include "boards/common/transfer_lines.h"

#include "boards/common/console.h"
#include "wherry/base/number.h"
#include "wherry/base/text_writer.h"

namespace wherry::boards {

void TransferLines::record(const app::TransferRecord& record) noexcept {
  char text[120];
  TextWriter line(text);
  if (record.outcome == Error::none) {
    line.append("Complete: ").append_decimal(record.size).append(" bytes");
    if (record.crc32) line.append(", CRC32: ").append(hex32(*record.crc32));
  } else {
    line.append("Failed: ").append_decimal(record.size).append(" bytes, ");
    line.append_decimal(record.status).append(": ").append(describe(record.outcome).text);
  }
  console().write_line(line.view());
}

}  // namespace wherry::boards
