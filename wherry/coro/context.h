// SPDX-License-Identifier: MIT
// Context: what a coroutine needs of its connection: memory for its frame and a list to run from.
//
// A coroutine's first parameter (the second, for a member function) leads to it, as Request does.
// There is no global scheduler.
#pragma once

#include <concepts>

#include "wherry/coro/arena.h"
#include "wherry/coro/waiter.h"

namespace wherry::coro {

class Context {
 public:
  Context(Arena& arena, ReadyList& ready_list) noexcept
      : arena_(&arena), ready_list_(&ready_list) {}

  Context& context() noexcept { return *this; }
  Arena& arena() const noexcept { return *arena_; }
  ReadyList& ready_list() const noexcept { return *ready_list_; }

 private:
  Arena* arena_;
  ReadyList* ready_list_;
};

template <class T>
concept HasContext = requires(T& t) {
  { t.context() } -> std::same_as<Context&>;
};

}  // namespace wherry::coro
