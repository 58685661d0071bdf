// SPDX-License-Identifier: MIT
// Mapping: the memory of one loop's storage, taken once.
#pragma once

#include <cstddef>

#include "wherry/base/bytes.h"

namespace wherry::storage::posix {

/// Memory straight from the system, page aligned and zero. Untouched pages cost nothing yet.
class Mapping {
 public:
  Mapping() = default;
  /// Holds `size` bytes, or none when the system denies them.
  explicit Mapping(std::size_t size) noexcept;
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  MutableBytes bytes() const noexcept { return bytes_; }

 private:
  MutableBytes bytes_;
};

}  // namespace wherry::storage::posix
