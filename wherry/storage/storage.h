// SPDX-License-Identifier: MIT
// The storage contract: what a place that keeps files must do. Written for whoever ports one.
//
// A storage belongs to one loop and is called on its thread only. No call may wait on a medium on
// that thread, unless the medium cannot make it wait (memory) or the board has no other thread
// (littlefs: calls end at once, having done the work).
//
// Promises that every back end keeps, whatever fails and whenever the power goes:
// - A file is seen whole under its name, or the one before it is: a staged file becomes visible by
//   one atomic step of its commit, after its bytes are durable (as far as the storage's durability
//   setting asks for), and success is told only after that step is durable too.
// - A staged file that is dropped before its commit leaves nothing behind. What a crash left is
//   swept when the storage is next opened.
// - An opened file shows one version to its end, also while another is committed over its name.
// - Only regular files are opened or replaced. Anything else by that name is `not_found` to a
//   reader and `conflict` to a writer, and is never waited for (a FIFO, a device).
// - No name leads out of the storage's root (path.h says which names are refused, with bad_path).
// - Memory is fixed when the storage is opened: file slots and blocks come from pools, whose
//   exhaustion is Error::busy, or for blocks a smaller block.
//
// Work that holds a buffer while the loop goes on (a disk thread) holds one that belongs to a file
// slot, never one in a coroutine's frame. Dropping a handle while such work is under way is
// allowed: the slot finishes it, cleans up, and goes back to its pool by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/base/status.h"
#include "wherry/coro/operation.h"
#include "wherry/storage/file.h"
#include "wherry/storage/folder.h"

namespace wherry::storage {

/// How much a storage can hold.
struct Space {
  std::uint64_t total_bytes = 0;
  /// What new files may take, about; none: to find out would keep the loop waiting.
  std::optional<std::uint64_t> free_bytes;
};

struct CreateOptions {
  /// The size that the file will have, where it is known: a storage that is too full says so now.
  std::optional<std::uint64_t> expected_size = std::nullopt;
  Scope scope = Scope::served;
  /// Goes on with the file of that name behind its first so many bytes, which have been made
  /// durable (StagedFile::sync); what is there beyond them is dropped, with the next sync at the
  /// latest. 0: begins it, or begins it anew. In Scope::uploads only; the commit then says under
  /// which name the file becomes visible. One StagedFile at a time has it.
  std::optional<std::uint64_t> resume_at = std::nullopt;
  /// Only finds out what would be said of a file that an upload in Scope::uploads is to become, and
  /// makes nothing: the StagedFile is good for being dropped.
  bool is_trial = false;
};

struct RemoveOptions {
  Expected expected = {};
  Scope scope = Scope::served;
  /// A folder goes with all that is in it; without this, only an empty one goes.
  bool recursive = false;
};

struct MoveOptions {
  /// What must stand under the old name.
  Expected expected = {};
  /// A file that stands under the new name is replaced; without this such a move fails: exists.
  bool replaces = false;
};

/// When what an open gives must have stood under its name.
enum class Freshness : std::uint8_t {
  now,  // after the open began
  /// Or earlier in the present round of the loop (coro::ReadyList): a storage may give what it read
  /// for another in this round. Good for a request that had begun to arrive before the round did,
  /// and has done nothing yet: what stood there at any moment between its first byte and its reply
  /// is a right answer, and all that it may know to have happened had happened before the round.
  round,
};

/// As a StatusSource it tells what it has in use of what it took at its start.
class Storage : public StatusSource {
 public:
  class Open;
  class Create;
  class List;
  class Change;
  class Measure;

  /// Opens the regular file `path` (relative, percent-decoded, UTF-8; path.h says which names a
  /// scope has). Errors: not_found, bad_path, busy (no slot), disk_failed, not_writable (access
  /// denied is not_found: a server does not tell what it may not show). Lifetime: `path` outlives
  /// the await.
  [[nodiscard]] Open open(std::string_view path, Scope scope = Scope::served,
                          Freshness freshness = Freshness::now) noexcept;

  /// Begins a file that will be `path`. Missing folders are made by the commit, not before.
  /// Errors: bad_path, conflict (the name, or a folder on its way, is not what it must be),
  /// not_writable, no_space, busy (no slot, or a file to go on with that another has open; a
  /// handle that was dropped, with work under way, is waited for), disk_failed; of a file to go on
  /// with: not_found (it has not that many bytes); of a trial: other_mount (no upload could be
  /// moved there from where uploads lie). Lifetime: `path` outlives the await, not the StagedFile.
  [[nodiscard]] Create create(std::string_view path, const CreateOptions& options = {}) noexcept;

  /// Opens the folder `path` (empty: the root), to read its entries from behind the one that
  /// `position` is of; from the first where that is of none.
  /// Errors: not_found (also what is no folder), bad_path, bad_request (no position that this
  /// storage ever told), busy (no slot), disk_failed.
  /// Lifetime: `path` and the name in `position` outlive the await.
  [[nodiscard]] List list(std::string_view path, FolderPosition position = {},
                          Scope scope = Scope::served) noexcept;

  /// Removes the file or folder `path`, in one step: whole or not at all, also for all that is in a
  /// folder. Durable when it ends. Who has the file open keeps it, or is waited for.
  /// Errors: not_found, bad_path, not_empty (a folder, and not `recursive`), conflict (neither a
  /// file nor a folder, or another medium begins beneath it), precondition_failed, not_writable,
  /// busy (no slot, or held by others for too long), disk_failed. What is expected is looked at
  /// before anything else of what is there.
  /// Lifetime: `path` outlives the await.
  [[nodiscard]] Change remove(std::string_view path, const RemoveOptions& options = {}) noexcept;

  /// Gives the file or folder `from` the name `to`, in one step. Missing folders on the way are
  /// made. Durable when it ends; version and crc32 of a file stay what they are.
  /// Errors: not_found (there is no `from`), bad_path, exists (both are files, and not `replaces`),
  /// conflict (`to` is taken otherwise; what is on the way to it is no folder; it lies within
  /// `from`, or on another mount; `from` is neither a file nor a folder), precondition_failed,
  /// not_writable, no_space, busy, disk_failed. What is expected is looked at before what `to` is.
  /// To a file's own name: nothing to do, if `replaces`.  Lifetime: both paths outlive the await.
  [[nodiscard]] Change move(std::string_view from, std::string_view to,
                            const MoveOptions& options = {}) noexcept;

  /// Finds out how much room there is: on the medium, not for one client.
  /// Returns: Space.  Errors: storage_unavailable, disk_failed.
  /// Memory: none; any number may be asked for at a time.  Suspends: where a medium may wait.
  [[nodiscard]] Measure measure() noexcept;

  // ------------------------------------------------------------ what a back end writes
  virtual void begin_open(Open& operation) noexcept = 0;
  virtual void cancel_open(Open& operation) noexcept = 0;
  virtual void begin_create(Create& operation) noexcept = 0;
  virtual void cancel_create(Create& operation) noexcept = 0;
  virtual void begin_list(List& operation) noexcept = 0;
  virtual void cancel_list(List& operation) noexcept = 0;
  virtual void begin_change(Change& operation) noexcept = 0;
  /// The change itself may still happen, or not.
  virtual void cancel_change(Change& operation) noexcept = 0;
  virtual void begin_measure(Measure& operation) noexcept = 0;
  virtual void cancel_measure(Measure& operation) noexcept = 0;

 protected:
  ~Storage() = default;
};

class Storage::Open : public coro::LeafOperation {
 public:
  Open(Storage& storage, std::string_view path, Scope scope, Freshness freshness) noexcept
      : storage_(&storage), path_(path), scope_(scope), freshness_(freshness) {}
  Open(Open&&) = default;
  ~Open() {
    if (is_pending()) storage_->cancel_open(*this);
    if (is_open_) slot_->close();  // nobody took the file
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { storage_->begin_open(*this); });
  }
  File take() noexcept {
    is_open_ = false;
    return File(*slot_);
  }

  std::string_view path() const noexcept { return path_; }
  Scope scope() const noexcept { return scope_; }
  Freshness freshness() const noexcept { return freshness_; }
  /// For the back end: the slot that works on it, so that cancel_open finds it.
  ReaderSlot* slot() const noexcept { return slot_; }
  void set_slot(ReaderSlot* slot) noexcept { slot_ = slot; }
  /// For the back end: ends the operation with the slot that it opened.
  void succeed(ReaderSlot& slot) noexcept {
    slot_ = &slot;
    is_open_ = true;
    finish();
  }

 private:
  Storage* storage_;
  std::string_view path_;
  Scope scope_;
  Freshness freshness_;
  ReaderSlot* slot_ = nullptr;
  bool is_open_ = false;  // ended with a file, which nobody has taken yet
};

class Storage::Create : public coro::LeafOperation {
 public:
  Create(Storage& storage, std::string_view path, const CreateOptions& options) noexcept
      : storage_(&storage), path_(path), options_(options) {}
  Create(Create&&) = default;
  ~Create() {
    if (is_pending()) storage_->cancel_create(*this);
    if (is_open_) slot_->close();  // nobody took the file
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { storage_->begin_create(*this); });
  }
  StagedFile take() noexcept {
    is_open_ = false;
    return StagedFile(*slot_, options_.resume_at.value_or(0));
  }

  std::string_view path() const noexcept { return path_; }
  const CreateOptions& options() const noexcept { return options_; }
  /// For the back end: the slot that works on it, so that cancel_create finds it.
  WriterSlot* slot() const noexcept { return slot_; }
  void set_slot(WriterSlot* slot) noexcept { slot_ = slot; }
  /// For the back end: ends the operation with the slot that it made.
  void succeed(WriterSlot& slot) noexcept {
    slot_ = &slot;
    is_open_ = true;
    finish();
  }

 private:
  Storage* storage_;
  std::string_view path_;
  CreateOptions options_;
  WriterSlot* slot_ = nullptr;
  bool is_open_ = false;  // ended with a file, which nobody has taken yet
};

class Storage::List : public coro::LeafOperation {
 public:
  List(Storage& storage, std::string_view path, FolderPosition position, Scope scope) noexcept
      : storage_(&storage), path_(path), position_(position), scope_(scope) {}
  List(List&&) = default;
  ~List() {
    if (is_pending()) storage_->cancel_list(*this);
    if (is_open_) slot_->close();  // nobody took the folder
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { storage_->begin_list(*this); });
  }
  Folder take() noexcept {
    is_open_ = false;
    return Folder(*slot_);
  }

  std::string_view path() const noexcept { return path_; }
  const FolderPosition& position() const noexcept { return position_; }
  Scope scope() const noexcept { return scope_; }
  /// For the back end: the slot that works on it, so that cancel_list finds it.
  FolderSlot* slot() const noexcept { return slot_; }
  void set_slot(FolderSlot* slot) noexcept { slot_ = slot; }
  /// For the back end: ends the operation with the slot that it opened.
  void succeed(FolderSlot& slot) noexcept {
    slot_ = &slot;
    is_open_ = true;
    finish();
  }

 private:
  Storage* storage_;
  std::string_view path_;
  FolderPosition position_;
  Scope scope_;
  FolderSlot* slot_ = nullptr;
  bool is_open_ = false;  // ended with a folder, which nobody has taken yet
};

/// The back end's side of a removal or a move, where that takes longer than its begin.
class ChangeSlot {
 protected:
  ~ChangeSlot() = default;
};

/// A removal, or a move.
class Storage::Change : public coro::LeafOperation {
 public:
  Change(Storage& storage, std::string_view path, const RemoveOptions& options) noexcept
      : storage_(&storage),
        path_(path),
        expected_(options.expected),
        flag_(options.recursive),
        scope_(options.scope) {}
  Change(Storage& storage, std::string_view from, std::string_view to,
         const MoveOptions& options) noexcept
      : storage_(&storage),
        path_(from),
        new_path_(to),
        expected_(options.expected),
        flag_(options.replaces),
        is_move_(true) {}
  Change(Change&&) = default;
  ~Change() {
    if (is_pending()) storage_->cancel_change(*this);
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { storage_->begin_change(*this); });
  }
  void take() const noexcept {}

  bool is_move() const noexcept { return is_move_; }
  std::string_view path() const noexcept { return path_; }
  std::string_view new_path() const noexcept { return new_path_; }  // a move's
  const Expected& expected() const noexcept { return expected_; }
  bool recursive() const noexcept { return flag_; }  // a removal's
  bool replaces() const noexcept { return flag_; }   // a move's
  Scope scope() const noexcept { return scope_; }    // a removal's
  /// For the back end: the slot that works on it, so that cancel_change finds it.
  ChangeSlot* slot() const noexcept { return slot_; }
  void set_slot(ChangeSlot* slot) noexcept { slot_ = slot; }

 private:
  Storage* storage_;
  std::string_view path_;
  std::string_view new_path_;
  Expected expected_;
  bool flag_;
  bool is_move_ = false;
  Scope scope_ = Scope::served;
  ChangeSlot* slot_ = nullptr;
};

class Storage::Measure : public coro::LeafOperation {
 public:
  explicit Measure(Storage& storage) noexcept : storage_(&storage) {}
  Measure(Measure&&) = default;
  ~Measure() {
    if (is_pending()) storage_->cancel_measure(*this);
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { storage_->begin_measure(*this); });
  }
  Space take() const noexcept { return space_; }

  /// For the back end: its list of those that wait.
  Measure* next = nullptr;
  /// For the back end: ends the operation.
  void succeed(const Space& space) noexcept {
    space_ = space;
    finish();
  }

 private:
  Storage* storage_;
  Space space_;
};

}  // namespace wherry::storage
