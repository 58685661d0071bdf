// SPDX-License-Identifier: MIT
// InputCome: Connection::wait_for_input for a coroutine. For tests of ports.
#pragma once

#include <cstdint>

#include "wherry/net/net.h"

namespace wherry::net {

class InputCome final : public coro::LeafOperation, private InputWaiter {
 public:
  InputCome(Connection& connection, std::uint32_t within_ms) noexcept
      : connection_(connection), within_ms_(within_ms) {}
  InputCome(InputCome&&) = default;
  ~InputCome() {
    if (is_pending()) connection_.stop_waiting_for_input();
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { connection_.wait_for_input(*this, within_ms_); });
  }
  void take() const noexcept {}

 private:
  void input_has_come(Error error) noexcept override { finish(error); }

  Connection& connection_;
  std::uint32_t within_ms_;
};

}  // namespace wherry::net
