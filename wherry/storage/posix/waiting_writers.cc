// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/waiting_writers.h"

#include "wherry/storage/posix/writer.h"

namespace wherry::storage::posix {

void WaitingWriters::add(Writer& writer) noexcept {
  writer.older_ = newest_;
  writer.newer_ = nullptr;
  (newest_ != nullptr ? newest_->newer_ : oldest_) = &writer;
  newest_ = &writer;
  writer.is_waiting_ = true;
  ++count_;
  // Two, so that they become fewer again after a time in which the disk could write no more.
  for (int i = 0; i < 2 && count_ > most_ && spills_ < kMaxSpills; ++i) oldest_->spill();
}

void WaitingWriters::remove(Writer& writer) noexcept {
  (writer.older_ != nullptr ? writer.older_->newer_ : oldest_) = writer.newer_;
  (writer.newer_ != nullptr ? writer.newer_->older_ : newest_) = writer.older_;
  writer.is_waiting_ = false;
  --count_;
}

}  // namespace wherry::storage::posix
