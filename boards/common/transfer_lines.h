// SPDX-License-Identifier: MIT
// TransferLines: one line on the console for each transfer that is over.
#pragma once

#include <cstdint>

#include "wherry/app/transfer_log.h"

namespace wherry::boards {

class TransferLines final : public app::TransferLog {
 public:
  /// "Complete: 2097152 bytes, CRC32: 0x808d85f6", or what came instead.
  void record(const app::TransferRecord& record) noexcept override;
};

}  // namespace wherry::boards
