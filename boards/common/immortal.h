// SPDX-License-Identifier: MIT
// Immortal: an object with static memory that is made when its turn comes, and never ends.
//
// A global with a constructor would be made in an order that nobody chose; one with a destructor
// would need a list of destructors, which a board never runs.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace wherry::boards {

template <class T>
class Immortal {
 public:
  /// Once.
  template <class... Args>
  T& make(Args&&... args) noexcept {
    return *::new (static_cast<void*>(memory_)) T(std::forward<Args>(args)...);
  }

 private:
  alignas(T) std::byte memory_[sizeof(T)] = {};
};

}  // namespace wherry::boards
