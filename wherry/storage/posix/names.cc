// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/names.h"

#include <sys/random.h>
#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>

namespace wherry::storage::posix {
namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr std::size_t kHyphenAt = 16;

}  // namespace

std::mutex& name_lock() noexcept {
  static constinit std::mutex lock;
  return lock;
}

bool fill_with_random_name(RandomName& name) noexcept {
  std::array<unsigned char, (sizeof(name) - 1) / 2> random;
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return false;
  }
  for (std::size_t i = 0; i < random.size(); ++i) {
    name[2 * i] = kDigits[random[i] >> 4];
    name[2 * i + 1] = kDigits[random[i] & 0xF];
  }
  name[sizeof(name) - 1] = '\0';
  return true;
}

void OwnNames::fill(RandomName& name) const noexcept {
  std::uint64_t count = std::atomic_ref(count_).fetch_add(1, std::memory_order_relaxed);
  std::memcpy(name, first_, kHyphenAt);
  name[kHyphenAt] = '-';
  for (std::size_t i = sizeof(name) - 2; i > kHyphenAt; --i, count >>= 4) {
    name[i] = kDigits[count & 0xF];
  }
  name[sizeof(name) - 1] = '\0';
}

bool is_own_name(std::string_view name) noexcept {
  return name.size() == sizeof(RandomName) - 1 && name[kHyphenAt] == '-';
}

}  // namespace wherry::storage::posix
