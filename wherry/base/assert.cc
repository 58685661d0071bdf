// SPDX-License-Identifier: MIT
#include "wherry/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace wherry {

[[gnu::weak]] void panic(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
  std::abort();
}

}  // namespace wherry
