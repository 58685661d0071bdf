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

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/base/status.h"
#include "wherry/coro/context.h"
#include "wherry/coro/operation.h"
#include "wherry/coro/sink.h"
#include "wherry/coro/task.h"

namespace wherry::storage {

/// What is known of a stored file.
struct FileInfo {
  std::uint64_t size = 0;
  std::optional<std::int64_t> modified_s;  // Unix seconds; none where there is no clock
};

/// What a commit did.
struct Committed {
  bool replaced = false;  // a file of that name was there before
};

/// How much a storage can hold.
struct Space {
  std::uint64_t total_bytes = 0;
  /// What new files may take, about; none: to find out would keep the loop waiting.
  std::optional<std::uint64_t> free_bytes;
};

class ReaderSlot;
class WriterSlot;

// ---------------------------------------------------------------- what handlers use

/// A file opened for reading: one version, to its end. Closed by its destructor.
class File {
 public:
  class Read;

  explicit File(ReaderSlot& slot) noexcept : slot_(&slot) {}
  File(File&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  File& operator=(File&& other) noexcept;
  ~File();

  const FileInfo& info() const noexcept;

  /// Reads from `offset` (bytes) up to `size` bytes, or as many as the slot's block holds.
  /// Returns: a view of the block; empty at the end of the file.
  /// Errors: disk_failed.  Lifetime: the view is valid until the next read, send or the end of the
  /// File.  Memory: the slot's block.  Suspends: where the bytes are not in memory.
  [[nodiscard]] Read read(std::uint64_t offset, std::size_t size) noexcept;

  /// Sends the bytes [offset, offset + size) to `sink`, by the fastest way that there is.
  /// Errors: those of the sink; disk_failed, also when the file has become shorter.
  /// Memory: one frame in the context's arena.  Suspends: yes.
  [[nodiscard]] coro::Task<> send_to(coro::Context& context, coro::Sink& sink, std::uint64_t offset,
                                     std::uint64_t size) noexcept;

 private:
  ReaderSlot* slot_;
};

/// A file being written, invisible until its commit. Dropped without one, it leaves nothing.
class StagedFile {
 public:
  class Write;
  class Room;
  class Commit;

  explicit StagedFile(WriterSlot& slot) noexcept : slot_(&slot) {}
  StagedFile(StagedFile&& other) noexcept
      : slot_(std::exchange(other.slot_, nullptr)),
        size_(other.size_),
        committed_(other.committed_) {}
  StagedFile& operator=(StagedFile&& other) noexcept;
  ~StagedFile();

  /// Appends `bytes`: gathers them into the slot's block, so that a disk is asked once a block.
  /// Errors: no_space, disk_failed; also those of earlier writes that ended meanwhile.
  /// Lifetime: `bytes` outlive the await.  Suspends: when every block is still being written.
  [[nodiscard]] Write write(Bytes bytes) noexcept;

  /// Lends the free part of the slot's block (at least one byte) to be filled in place; then say
  /// how much with `filled`. The next room() may be another block: the full one is being written.
  /// Errors: as write.  Lifetime: until the next call on this file.
  [[nodiscard]] Room room() noexcept;
  void filled(std::size_t size) noexcept;

  /// Makes the file visible under its name, whole and durable. The last call on this file.
  /// Errors: no_space, disk_failed, conflict (the name was taken meanwhile by what is no file).
  [[nodiscard]] Commit commit() noexcept;

  std::uint64_t size() const noexcept { return size_; }  // bytes given so far
  bool replaced() const noexcept { return committed_.replaced; }

 private:
  WriterSlot* slot_;
  std::uint64_t size_ = 0;
  Committed committed_;
};

struct CreateOptions {
  /// The size that the file will have, where it is known: a storage that is too full says so now.
  std::optional<std::uint64_t> expected_size = std::nullopt;
};

/// As a StatusSource it tells what it has in use of what it took at its start.
class Storage : public StatusSource {
 public:
  class Open;
  class Create;
  class Measure;

  /// Opens the regular file `path` (relative, percent-decoded, UTF-8).
  /// Errors: not_found, bad_path, busy (no slot), disk_failed, not_writable (access denied is
  /// not_found: a server does not tell what it may not show).
  /// Lifetime: `path` outlives the await.
  [[nodiscard]] Open open(std::string_view path) noexcept;

  /// Begins a file that will be `path`. Missing folders are made by the commit, not before.
  /// Errors: bad_path, conflict (the name, or a folder on its way, is not what it must be),
  /// not_writable, no_space, busy (no slot), disk_failed.
  /// Lifetime: `path` outlives the await, not the StagedFile.
  [[nodiscard]] Create create(std::string_view path, CreateOptions options = {}) noexcept;

  /// Finds out how much room there is: on the medium, not for one client.
  /// Returns: Space.  Errors: storage_unavailable, disk_failed.
  /// Memory: none; any number may be asked for at a time.  Suspends: where a medium may wait.
  [[nodiscard]] Measure measure() noexcept;

  // ------------------------------------------------------------ what a back end writes
  virtual void begin_open(Open& operation) noexcept = 0;
  virtual void cancel_open(Open& operation) noexcept = 0;
  virtual void begin_create(Create& operation) noexcept = 0;
  virtual void cancel_create(Create& operation) noexcept = 0;
  virtual void begin_measure(Measure& operation) noexcept = 0;
  virtual void cancel_measure(Measure& operation) noexcept = 0;

 protected:
  ~Storage() = default;
};

// ---------------------------------------------------------------- what a back end implements

/// The back end's side of a File. Lives in a pool of the back end.
class ReaderSlot {
 public:
  virtual const FileInfo& info() const noexcept = 0;
  virtual void begin_read(File::Read& operation) noexcept = 0;
  /// The read's coroutine is going away. Work under way goes on, into the slot's own block.
  virtual void cancel_read(File::Read& operation) noexcept = 0;
  virtual coro::Task<> send_to(coro::Context& context, coro::Sink& sink, std::uint64_t offset,
                               std::uint64_t size) noexcept = 0;
  /// The File has gone: close, and return to the pool when nothing is under way any more.
  virtual void close() noexcept = 0;

 protected:
  ~ReaderSlot() = default;
};

/// The back end's side of a StagedFile. Lives in a pool of the back end.
class WriterSlot {
 public:
  /// Someone who waits for room. Called once: with none when room() has some, or with the error.
  class RoomWaiter {
   public:
    virtual void on_room(Error error) noexcept = 0;

   protected:
    ~RoomWaiter() = default;
  };

  /// Returns: the free part of the block being filled; empty when all blocks are being written, or
  /// when a write has failed (when_room tells).
  virtual MutableBytes room() noexcept = 0;
  /// Calls `waiter` when there is room again, or at once if there is.
  virtual void when_room(RoomWaiter& waiter) noexcept = 0;
  virtual void cancel_when_room(RoomWaiter& waiter) noexcept = 0;
  /// The first `size` bytes of room() are data now. A full block starts on its way to the medium.
  virtual void filled(std::size_t size) noexcept = 0;
  virtual void begin_commit(StagedFile::Commit& operation) noexcept = 0;
  /// The committing coroutine is going away: the commit itself may still happen, or not.
  virtual void cancel_commit(StagedFile::Commit& operation) noexcept = 0;
  /// The StagedFile has gone. Unless a commit succeeded, nothing of it remains.
  virtual void close() noexcept = 0;

 protected:
  ~WriterSlot() = default;
};

// ---------------------------------------------------------------- the operations

class File::Read : public coro::LeafOperation {
 public:
  Read(ReaderSlot& slot, std::uint64_t offset, std::size_t size) noexcept
      : slot_(&slot), offset_(offset), size_(size) {}
  Read(Read&&) = default;
  ~Read() {
    if (is_pending()) slot_->cancel_read(*this);
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { slot_->begin_read(*this); });
  }
  Bytes take() const noexcept { return bytes_; }

  std::uint64_t offset() const noexcept { return offset_; }
  std::size_t size() const noexcept { return size_; }
  /// For the back end: ends the read with a view of the slot's block.
  void succeed(Bytes bytes) noexcept {
    bytes_ = bytes;
    finish();
  }

 private:
  ReaderSlot* slot_;
  std::uint64_t offset_;
  std::size_t size_;
  Bytes bytes_;
};

class StagedFile::Write final : public coro::LeafOperation, private WriterSlot::RoomWaiter {
 public:
  Write(StagedFile& file, Bytes bytes) noexcept : file_(&file), bytes_(bytes) {}
  Write(Write&& other) noexcept
      : coro::LeafOperation(std::move(other)), file_(other.file_), bytes_(other.bytes_) {}
  ~Write() {
    if (is_pending()) file_->slot_->cancel_when_room(*this);
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { go_on(); });
  }
  void take() const noexcept {}

 private:
  void go_on() noexcept;
  void on_room(Error error) noexcept override;

  StagedFile* file_;
  Bytes bytes_;
};

class StagedFile::Room final : public coro::LeafOperation, private WriterSlot::RoomWaiter {
 public:
  explicit Room(WriterSlot& slot) noexcept : slot_(&slot) {}
  Room(Room&& other) noexcept
      : coro::LeafOperation(std::move(other)), slot_(other.slot_), room_(other.room_) {}
  ~Room() {
    if (is_pending()) slot_->cancel_when_room(*this);
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { slot_->when_room(*this); });
  }
  MutableBytes take() const noexcept { return room_; }

 private:
  // Kept: a write that fails between now and the resumption would take the room away again.
  void on_room(Error error) noexcept override {
    if (error == Error::none) room_ = slot_->room();
    finish(error);
  }

  WriterSlot* slot_;
  MutableBytes room_;
};

class StagedFile::Commit : public coro::LeafOperation {
 public:
  explicit Commit(StagedFile& file) noexcept : file_(&file) {}
  Commit(Commit&&) = default;
  ~Commit() {
    if (is_pending()) file_->slot_->cancel_commit(*this);
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { file_->slot_->begin_commit(*this); });
  }
  void take() const noexcept {}

  /// For the back end: ends the commit.
  void succeed(Committed committed) noexcept {
    file_->committed_ = committed;
    finish();
  }

 private:
  StagedFile* file_;
};

class Storage::Open : public coro::LeafOperation {
 public:
  Open(Storage& storage, std::string_view path) noexcept : storage_(&storage), path_(path) {}
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
  ReaderSlot* slot_ = nullptr;
  bool is_open_ = false;  // ended with a file, which nobody has taken yet
};

class Storage::Create : public coro::LeafOperation {
 public:
  Create(Storage& storage, std::string_view path, CreateOptions options) noexcept
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
    return StagedFile(*slot_);
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
