// SPDX-License-Identifier: MIT
#include "boards/common/machine_status.h"

#include "boards/common/startup.h"
#include "boards/common/watchdog.h"
#include "wherry/net/lwip/pools.h"

namespace wherry::boards {

void MachineStatus::report(StatusSink& sink) const noexcept {
  sink.section("stack");
  sink.gauge("peak_bytes", peak_stack_bytes());
  sink.gauge("limit_bytes", stack_bytes());
  sink.section("loop");
  sink.gauge("longest_round_ms", longest_round_ms_);
  sink.gauge("longest_call_ms", watchdog::longest_call_ms());
  net::lwip::LwipPools().report(sink);
}

}  // namespace wherry::boards
