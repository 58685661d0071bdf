// SPDX-License-Identifier: MIT
// ProcessStatus: what the program tells of itself beside its servers: memory and processor time,
// as far as the system says so without a wait.
#pragma once

#include <cstdint>

#include "wherry/base/status.h"
#include "wherry/storage/posix/fd.h"

namespace wherry::cli {

class ProcessStatus final : public StatusSource {
 public:
  /// `loops`: how many there are.
  explicit ProcessStatus(std::uint32_t loops) noexcept;

  /// From any thread. Tells the section "process".
  void report(StatusSink& sink) const noexcept override;

 private:
  std::uint64_t resident_bytes() const noexcept;  // 0 where the system does not say

  std::uint32_t loops_;
  storage::posix::Fd memory_pages_;  // /proc/self/statm: made in memory by each read
};

}  // namespace wherry::cli
