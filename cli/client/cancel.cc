// SPDX-License-Identifier: MIT
#include "cli/client/cancel.h"

#include <atomic>
#include <csignal>

namespace wherry::cli {
namespace {

std::atomic<bool> cancelled{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // a signal handler sets it

void cancel(int) { cancelled.store(true, std::memory_order_relaxed); }

}  // namespace

void catch_signals() noexcept {
  struct sigaction action = {};
  action.sa_handler = cancel;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool is_cancelled() noexcept { return cancelled.load(std::memory_order_relaxed); }

}  // namespace wherry::cli
