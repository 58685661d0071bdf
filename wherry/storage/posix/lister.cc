// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/lister.h"

#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/posix/posix_storage.h"

namespace wherry::storage::posix {

void Lister::submit(Work work) noexcept {
  WHERRY_ASSERT(work_ == Work::none);
  work_ = work;
  storage_.jobs().submit(*this, Job::Kind::reads);
}

void Lister::begin_list(Storage::List& operation) noexcept {
  list_ = &operation;
  operation.set_slot(this);
  submit(Work::open);
}

void Lister::end_list() noexcept {
  Storage::List* operation = std::exchange(list_, nullptr);
  const Error error = work_error_;
  if (operation == nullptr) return close();
  if (error == Error::none) return operation->succeed(*this);
  close();
  operation->finish(error);
}

// ---------------------------------------------------------------- read

void Lister::begin_read(Folder::Read& operation) noexcept {
  WHERRY_ASSERT(read_ == nullptr);
  read_ = &operation;
  // A page that nobody waits for any more may still be under way: done() goes on from there.
  if (work_ == Work::none) start_read();
}

void Lister::start_read() noexcept {
  is_abandoned_ = false;
  if (!std::exchange(has_block_, true)) {
    large_block_ = storage_.large_blocks().take();
    folder_.set_block(large_block_.empty() ? small_block_ : large_block_);
  }
  folder_.begin_page(read_->max_entries());
  submit(Work::read);
}

void Lister::cancel_read(Folder::Read& operation) noexcept {
  WHERRY_ASSERT(read_ == &operation);
  read_ = nullptr;
  is_abandoned_ = true;
}

void Lister::end_read() noexcept {
  if (is_abandoned_) {
    folder_.drop_page();
    if (read_ != nullptr) start_read();
  } else if (work_error_ != Error::none) {
    std::exchange(read_, nullptr)->finish(work_error_);
  } else if (!is_complete_) {
    submit(Work::read);
  } else {
    folder_.take_page();
    std::exchange(read_, nullptr)->succeed(folder_.page());
  }
}

// ---------------------------------------------------------------- close

// Closing may wait: the last descriptor of a folder that has no name any more frees it.
void Lister::close() noexcept {
  is_closing_ = true;
  if (work_ != Work::none) return;  // done() goes on from there
  if (folder_.is_open()) {
    submit(Work::close);
  } else {
    leave();
  }
}

void Lister::leave() noexcept {
  if (!large_block_.empty()) storage_.large_blocks().give_back(large_block_.data());
  storage_.small_blocks().give_back(small_block_.data());
  storage_.give_back(*this);
}

// ---------------------------------------------------------------- the job

void Lister::work() noexcept {
  switch (work_) {
    case Work::open:
      work_error_ = error_of(folder_.open(storage_.root()));
      return;
    case Work::read: {
      const Result<bool> read = folder_.read_some(storage_.root());
      work_error_ = error_of(read);
      is_complete_ = read && *read;
      return;
    }
    case Work::close:
      return folder_.close();
    case Work::none:
      return;
  }
}

void Lister::done() noexcept {
  switch (std::exchange(work_, Work::none)) {
    case Work::open:
      return end_list();
    case Work::read:
      return is_closing_ ? close() : end_read();
    case Work::close:
      return leave();
    case Work::none:
      return;
  }
}

}  // namespace wherry::storage::posix
