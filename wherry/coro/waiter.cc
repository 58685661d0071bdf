// SPDX-License-Identifier: MIT
#include "wherry/coro/waiter.h"

#include "wherry/base/assert.h"

namespace wherry::coro {

void Waiter::leave_ready_list() noexcept {
  if (is_ready_) ready_list_->remove(*this);
}

void Waiter::operation_ended(Error error) noexcept {
  if (error == Error::none || looks_at_errors_) {
    ready_list_->push(*this);
  } else {
    end(error);
  }
}

// Not recursive: a chain of waits may be long, a stack is not.
void Waiter::end(Error error) noexcept {
  Waiter* ending = this;
  while (true) {
    ending->ended_ = true;
    ending->error_ = error;
    if (ending->is_starting_ || ending->parent_ == nullptr) return;
    Waiter* parent = ending->parent_;
    if (error == Error::none || parent->looks_at_errors_) {
      parent->ready_list_->push(*parent);
      return;
    }
    ending = parent;
  }
}

ReadyList::~ReadyList() { WHERRY_ASSERT(first_ == nullptr); }

void ReadyList::push(Waiter& waiter) noexcept {
  WHERRY_ASSERT(!waiter.is_ready_);
  waiter.is_ready_ = true;
  waiter.next_ready_ = nullptr;
  waiter.previous_ready_ = last_;
  (last_ != nullptr ? last_->next_ready_ : first_) = &waiter;
  last_ = &waiter;
}

void ReadyList::remove(Waiter& waiter) noexcept {
  if (round_end_ == &waiter) round_end_ = waiter.previous_ready_;
  (waiter.previous_ready_ != nullptr ? waiter.previous_ready_->next_ready_ : first_) =
      waiter.next_ready_;
  (waiter.next_ready_ != nullptr ? waiter.next_ready_->previous_ready_ : last_) =
      waiter.previous_ready_;
  waiter.is_ready_ = false;
}

void ReadyList::run_round() noexcept {
  ++round_;
  round_end_ = last_;
  while (first_ != nullptr && round_end_ != nullptr) {
    Waiter& next = *first_;  // its predecessor is none, so that removing the last ends the round
    remove(next);
    begin_turn();
    next.run_(next);
  }
  round_end_ = nullptr;
  ++round_;
}

bool ReadyList::take_immediate_turn() noexcept {
  if (immediate_turns_ == 0) return false;
  --immediate_turns_;
  return true;
}

}  // namespace wherry::coro
