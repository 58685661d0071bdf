// SPDX-License-Identifier: MIT
#include "cli/client/retry.h"

#include <algorithm>
#include <random>
#include <thread>

#include "cli/client/cancel.h"

namespace wherry::cli {
namespace {

constexpr std::uint32_t kFirstWait_ms = 250;
constexpr std::uint32_t kLongestWait_ms = 10'000;
constexpr std::uint64_t kLongestRetryAfter_s = 60;

std::uint32_t random_16_bits() {
  thread_local std::minstd_rand generator(std::random_device{}());
  return generator() & 0xFFFF;
}

}  // namespace

std::uint32_t backoff_ms(unsigned failures, std::uint32_t random) noexcept {
  const unsigned doublings = std::min(failures - 1, 6u);
  const std::uint32_t whole = std::min(kFirstWait_ms << doublings, kLongestWait_ms);
  return whole - (whole / 4) * random / 65535;
}

bool may_try_again(const Reply& reply) noexcept {
  if (reply.failure == Failure::network || reply.failure == Failure::timed_out) return true;
  if (reply.failure != Failure::none) return false;
  const int status = reply.status();
  if (status == 408 || status == 425 || status == 429) return true;
  return status >= 500 && status != 501 && status != 505 && status != 507;
}

Exit exit_of(const Reply& reply) noexcept {
  switch (reply.failure) {
    case Failure::none:
      return reply.status() >= 500 ? Exit::server : Exit::refused;
    case Failure::network:
    case Failure::timed_out:
    case Failure::deadline:
    case Failure::unsupported:
      return Exit::network;
    case Failure::local:
      return Exit::local_file;
    case Failure::cancelled:
      return Exit::interrupted;
    case Failure::aborted:
      return Exit::refused;
  }
  return Exit::internal;
}

Retry::Retry(const ClientOptions& options) : max_failures_(options.retries) {
  if (options.timeout_ms > 0) {
    deadline_ = Clock::now() + std::chrono::milliseconds(options.timeout_ms);
  }
}

bool Retry::wait(const Reply& reply) {
  if (++failures_ > max_failures_ || is_cancelled()) return false;
  ++attempts_;
  std::uint64_t wait_ms = backoff_ms(failures_, random_16_bits());
  if (const auto after_s = number_of(reply.head, "Retry-After")) {
    wait_ms = std::max(wait_ms, std::min(*after_s, kLongestRetryAfter_s) * 1000);
  }
  const auto end = Clock::now() + std::chrono::milliseconds(wait_ms);
  if (deadline_ && end >= *deadline_) return false;
  while (Clock::now() < end) {
    if (is_cancelled()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace wherry::cli
