// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/changer.h"

#include <cstring>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/posix/change.h"
#include "wherry/storage/posix/posix_storage.h"

namespace wherry::storage::posix {

void Changer::begin_change(Storage::Change& operation) noexcept {
  change_ = &operation;
  operation.set_slot(this);
  expected_ = operation.expected();
  is_move_ = operation.is_move();
  flag_ = is_move_ ? operation.replaces() : operation.recursive();
  path_size_ = static_cast<std::uint16_t>(operation.path().size());
  new_path_size_ = static_cast<std::uint16_t>(operation.new_path().size());
  WHERRY_ASSERT(path_size_ <= sizeof(path_) && new_path_size_ <= small_block_.size());
  std::memcpy(path_, operation.path().data(), path_size_);
  if (new_path_size_ > 0) {
    std::memcpy(small_block_.data(), operation.new_path().data(), new_path_size_);
  }
  storage_.jobs().submit(*this, Job::Kind::writes);
}

// A small folder has gone from the disk too when its removal is told.
void Changer::work() noexcept {
  const Root& root = storage_.root();
  if (!std::exchange(is_carried_out_, true)) {
    const Result<> result =
        is_move_ ? move_name(root, path(), new_path(), {.expected = expected_, .replaces = flag_})
                 : remove_name(root, path(), {.expected = expected_, .recursive = flag_}, tree_);
    error_ = error_of(result);
  }
  has_more_ = tree_.delete_some();
}

void Changer::done() noexcept {
  Storage::Change* operation = std::exchange(change_, nullptr);
  const Error error = error_;
  if (has_more_ && !storage_.is_ending()) {
    storage_.jobs().submit(*this, Job::Kind::writes);
  } else {
    storage_.small_blocks().give_back(small_block_.data());
    storage_.give_back(*this);
  }
  if (operation != nullptr) operation->finish(error);
}

}  // namespace wherry::storage::posix
