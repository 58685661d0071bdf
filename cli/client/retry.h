// SPDX-License-Identifier: MIT
// When to try again after a cut, and when to give up.
// Knows no protocol.
// Keeps: attempts in a row that got nothing further are bounded; each that did begins the count
// anew.
#pragma once

#include <cstdint>
#include <optional>

#include "cli/client/exchange.h"
#include "cli/client/exit_status.h"
#include "cli/client/options.h"

namespace wherry::cli {

/// Returns: how long to wait before the attempt after `failures` (1 or more) in a row, in ms: it
/// doubles from 250 ms to 10 s; `random` (0 to 65535) takes off up to a quarter, so that many
/// clients of a server that was away do not come back at once.
std::uint32_t backoff_ms(unsigned failures, std::uint32_t random) noexcept;

/// Whether another attempt may help: no connection, a cut, 408, 425, 429, and 5xx but for those
/// that say that nothing will change (501, 505, 507).
bool may_try_again(const Reply& reply) noexcept;

/// What a command ends with when an exchange failed for good.
Exit exit_of(const Reply& reply) noexcept;

class Retry {
 public:
  explicit Retry(const ClientOptions& options);

  /// When all attempts must have ended; nothing: never.
  std::optional<Clock::time_point> deadline() const noexcept { return deadline_; }
  /// The next attempt; 1 at first.
  unsigned attempts() const noexcept { return attempts_; }

  /// Something arrived: the count of failures begins anew.
  void progressed() noexcept { failures_ = 0; }
  /// Waits until the next attempt may begin, as long as `reply` says (Retry-After, up to a minute).
  /// Returns: false: give up.
  bool wait(const Reply& reply);

 private:
  unsigned max_failures_;
  std::optional<Clock::time_point> deadline_;
  unsigned attempts_ = 1;
  unsigned failures_ = 0;
};

}  // namespace wherry::cli
