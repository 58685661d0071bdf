// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/writer.h"

#include <cstring>
#include <ctime>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/posix/posix_storage.h"

namespace wherry::storage::posix {

namespace {

// An upload that is gone on with may still be held by the handle before, which was dropped with a
// job under way. How often it is tried for again, and how long after: for two seconds.
constexpr std::uint16_t kMaxTries = 200;
constexpr timespec kBetweenTries{.tv_sec = 0, .tv_nsec = 10'000'000};

// Bytes in memory that the loop writes by itself, and those that it frees: some 20 us.
constexpr std::size_t kQuickWriteBytes = 64 * 1024;
constexpr std::uint64_t kQuickFreeBytes = 512 * 1024;

}  // namespace

void Writer::submit(Work work) noexcept {
  WHERRY_ASSERT(work_ == Work::none);
  work_ = work;
  if (!is_in_memory_ || !is_quick(work)) {
    return storage_.jobs().submit(*this, Job::Kind::writes);
  }
  this->work();
  done();
}

bool Writer::is_quick(Work work) const noexcept {
  if (work == Work::discard) {
    return file_.written_bytes() + file_.replaced_bytes() <= kQuickFreeBytes;
  }
  return writing_.size <= kQuickWriteBytes;
}

// ---------------------------------------------------------------- create

void Writer::begin_create(Storage::Create& operation) noexcept {
  create_ = &operation;
  operation.set_slot(this);
  const auto& options = options_.emplace<CreateOptions>(operation.options());
  if (!options.resume_at) {
    const Result<Progress> made = file_.create(storage_.root(), options, Waiting::forbidden);
    is_in_memory_ = !made || *made == Progress::made;
    work_error_ = error_of(made);
    if (is_in_memory_) return end_create();
  }
  submit(Work::create);
}

void Writer::end_create() noexcept {
  const bool is_held =
      work_error_ == Error::busy && std::get_if<CreateOptions>(&options_)->resume_at;
  if (is_held && create_ != nullptr && ++create_tries_ < kMaxTries) return submit(Work::create);
  Storage::Create* operation = std::exchange(create_, nullptr);
  if (operation == nullptr) {
    close();
  } else if (work_error_ == Error::none) {
    operation->succeed(*this);
  } else {
    const Error error = work_error_;
    leave();
    operation->finish(error);
  }
}

// ---------------------------------------------------------------- write

// Returns: a large block, or none. It is written whole: handed over in halves it wakes the thread
// twice, and the kernel takes smaller folios for the file's pages.
Writer::Block Writer::take_large() noexcept {
  return {Block::Kind::large, storage_.large_blocks().take()};
}

// Under way may be a small block and large ones, and a small one that others need. Who needs a
// large one asks for it at once, but not for more than two.
void Writer::take_block() noexcept {
  if (writes_under_way_ == writes_.size()) return;
  const bool has_small = small_blocks_ > (is_spilling_ ? 1 : 0);
  if (has_small || is_large_) filling_ = take_large();
  if (filling_.is_lent() || has_small) return;
  ++small_blocks_;
  filling_ = {Block::Kind::small, storage_.small_blocks().take()};
  WHERRY_ASSERT(filling_.is_lent());  // there are enough (WaitingWriters::kMaxSpills)
}

void Writer::give_back(Block& block) noexcept {
  switch (std::exchange(block.kind, Block::Kind::none)) {
    case Block::Kind::none:
      break;
    case Block::Kind::small:
      --small_blocks_;
      storage_.small_blocks().give_back(block.begin);
      break;
    case Block::Kind::large:
      storage_.large_blocks().give_back(block.begin);
      break;
  }
  block = Block();
}

MutableBytes Writer::room() noexcept {
  WHERRY_ASSERT(!is_over_);
  if (error_ != Error::none && !is_promised_) return {};
  no_longer_waits();
  if (!filling_.is_lent()) take_block();
  const MutableBytes room = filling_.room();
  is_promised_ = !room.empty();
  return room;
}

void Writer::put_off() noexcept {
  if (!filling_.is_small() || filling_.is_full()) return;
  if (filling_.size == 0) return give_back(filling_);
  if (!is_waiting_) storage_.waiting_writers().add(*this);
}

void Writer::no_longer_waits() noexcept {
  if (is_waiting_) storage_.waiting_writers().remove(*this);
}

// Others need the block.
void Writer::spill() noexcept {
  no_longer_waits();
  if (error_ != Error::none) return give_back(filling_);  // it will not be written
  if (is_busy()) return;                                  // it keeps it
  is_spilling_ = true;
  storage_.waiting_writers().spill_begins();
  write_block();
}

/// Takes what is being filled, for a job.
Writer::Block Writer::take_filling() noexcept {
  no_longer_waits();
  return std::exchange(filling_, Block());
}

void Writer::when_room(RoomWaiter& waiter) noexcept {
  if (error_ != Error::none) return waiter.on_room(error_);
  if (!room().empty()) return waiter.on_room(Error::none);
  room_waiter_ = &waiter;
}

void Writer::cancel_when_room(RoomWaiter& waiter) noexcept {
  WHERRY_ASSERT(room_waiter_ == &waiter);
  room_waiter_ = nullptr;
}

void Writer::filled(std::size_t size) noexcept {
  WHERRY_ASSERT(size <= filling_.room().size());
  filling_.size += static_cast<std::uint32_t>(size);
  is_promised_ = false;
  if (filling_.is_full()) {
    grow_or_write();
  } else {
    put_off();
  }
}

void Writer::grow_or_write() noexcept {
  is_large_ = true;
  if (filling_.is_small()) {
    Block large = take_large();
    if (large.is_lent()) {
      std::memcpy(large.begin, filling_.begin, filling_.size);
      large.size = filling_.size;
      give_back(filling_);
      filling_ = large;
      return;
    }
  }
  const bool may_write = work_ == Work::none && writes_under_way_ < writes_.size();
  if (may_write && error_ == Error::none) write_block();
}

void Writer::write_block() noexcept {
  BlockJob& job = writes_[next_write_];
  next_write_ = next_write_ == 0 ? 1 : 0;
  job.block = take_filling();
  if (++writes_under_way_ > 1) return storage_.jobs().submit_after(writes_[next_write_], job);
  if (!is_in_memory_ || job.block.size > kQuickWriteBytes) {
    return storage_.jobs().submit(job, Job::Kind::writes);
  }
  job.work();
  job.done();
}

void Writer::end_write(BlockJob& job) noexcept {
  --writes_under_way_;
  if (std::exchange(is_spilling_, false)) storage_.waiting_writers().spill_ended();
  give_back(job.block);
  if (job.error != Error::none) error_ = job.error;
  go_on();
}

// With what has been asked for meanwhile.
void Writer::go_on() noexcept {
  const bool waits_for_all = is_closing_ || commit_ != nullptr || sync_ != nullptr;
  if (waits_for_all && is_busy()) return;
  if (is_closing_) return close();
  if (commit_ != nullptr) return start_commit();
  if (sync_ != nullptr) return start_sync();
  if (filling_.is_full()) grow_or_write();
  if (room_waiter_ == nullptr) return;
  if (error_ == Error::none && room().empty()) return;
  std::exchange(room_waiter_, nullptr)->on_room(error_);
}

// ---------------------------------------------------------------- sync

void Writer::begin_sync(StagedFile::Sync& operation) noexcept {
  WHERRY_ASSERT(!is_over_ && sync_ == nullptr);
  sync_ = &operation;
  if (!is_busy()) start_sync();
}

void Writer::start_sync() noexcept {
  if (error_ != Error::none) return std::exchange(sync_, nullptr)->finish(error_);
  is_abandoned_ = false;
  writing_ = take_filling();
  submit(Work::sync);
}

void Writer::cancel_sync(StagedFile::Sync& operation) noexcept {
  WHERRY_ASSERT(sync_ == &operation);
  sync_ = nullptr;
  is_abandoned_ = true;
}

// Who has come since the one that this was for gave up gets a sync of their own.
void Writer::end_sync() noexcept {
  give_back(writing_);
  error_ = work_error_;
  if (!is_abandoned_) std::exchange(sync_, nullptr)->finish(error_);
  go_on();
}

// ---------------------------------------------------------------- commit

void Writer::begin_commit(StagedFile::Commit& operation) noexcept {
  WHERRY_ASSERT(!is_over_);
  is_over_ = true;
  commit_ = &operation;
  if (!is_busy()) start_commit();
}

void Writer::start_commit() noexcept {
  auto& options = options_.emplace<CommitOptions>(commit_->options());
  const std::string_view target = std::exchange(options.path, {});
  if (error_ == Error::none && !target.empty()) error_ = error_of(check_path(target));
  if (error_ != Error::none) return std::exchange(commit_, nullptr)->finish(error_);
  if (!target.empty()) file_.set_target(target);
  writing_ = take_filling();
  submit(Work::commit);
}

void Writer::cancel_commit(StagedFile::Commit& operation) noexcept {
  WHERRY_ASSERT(commit_ == &operation);
  commit_ = nullptr;
}

void Writer::end_commit() noexcept {
  give_back(writing_);
  error_ = work_error_;
  StagedFile::Commit* operation = std::exchange(commit_, nullptr);
  if (operation == nullptr) {
    if (is_closing_) close();
  } else if (error_ == Error::none) {
    operation->succeed(committed_);
  } else {
    operation->finish(error_);
  }
}

// ---------------------------------------------------------------- close

void Writer::close() noexcept {
  is_closing_ = true;
  no_longer_waits();
  if (is_busy()) return;  // done() goes on from there
  if (file_.exists() || file_.replaced_bytes() > 0) {
    submit(Work::discard);
  } else {
    leave();
  }
}

void Writer::leave() noexcept {
  no_longer_waits();
  give_back(filling_);
  give_back(writing_);
  storage_.give_back(*this);
}

// ---------------------------------------------------------------- the jobs

void Writer::BlockJob::work() noexcept {
  Error& failed = writer_.write_error_;
  if (failed == Error::none) {
    failed = error_of(writer_.file_.append(writer_.storage_.root(), block.data(), true));
  }
  error = failed;
}

void Writer::work() noexcept {
  const Root& root = storage_.root();
  switch (work_) {
    case Work::create: {
      if (create_tries_ > 0) ::nanosleep(&kBetweenTries, nullptr);
      const auto& options = *std::get_if<CreateOptions>(&options_);
      work_error_ = options.resume_at
                        ? error_of(file_.resume(root, *options.resume_at, options.expected_size))
                        : error_of(file_.create(root, options, Waiting::allowed));
      return;
    }
    case Work::sync:
      work_error_ = error_of(file_.append(root, writing_.data(), false));
      if (work_error_ == Error::none) work_error_ = error_of(file_.sync(root));
      return;
    case Work::commit: {
      work_error_ = error_of(file_.append(root, writing_.data(), false));
      if (work_error_ != Error::none) return file_.discard(root);
      const Result<Committed> committed =
          file_.commit(root, *std::get_if<CommitOptions>(&options_));
      work_error_ = error_of(committed);
      if (committed) committed_ = *committed;
      // What is left to free is freed by a thread (close).
      if (!is_in_memory_ || file_.replaced_bytes() <= kQuickFreeBytes) file_.release();
      return;
    }
    case Work::discard:
      file_.release();
      return file_.discard(root);
    case Work::none:
      return;
  }
}

void Writer::done() noexcept {
  switch (std::exchange(work_, Work::none)) {
    case Work::create:
      return end_create();
    case Work::sync:
      return end_sync();
    case Work::commit:
      return end_commit();
    case Work::discard:
      return leave();
    case Work::none:
      return;
  }
}

}  // namespace wherry::storage::posix
