// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/names.h"

#include <sys/random.h>
#include <sys/types.h>

#include <array>
#include <cstddef>

namespace wherry::storage::posix {

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
    name[2 * i] = "0123456789abcdef"[random[i] >> 4];
    name[2 * i + 1] = "0123456789abcdef"[random[i] & 0xF];
  }
  name[sizeof(name) - 1] = '\0';
  return true;
}

}  // namespace wherry::storage::posix
