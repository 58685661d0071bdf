// SPDX-License-Identifier: MIT
// Files as handlers and back ends hold them: one that is read, and one that is being written. What
// a storage promises of them is in storage.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/coro/context.h"
#include "wherry/coro/lender.h"
#include "wherry/coro/operation.h"
#include "wherry/coro/sink.h"
#include "wherry/coro/task.h"

namespace wherry::storage {

/// What is known of a stored file.
struct FileInfo {
  std::uint64_t size = 0;  // bytes
  std::optional<std::int64_t> modified_s =
      std::nullopt;  // Unix seconds; none where there is no clock
  /// Tells these bytes from all others that ever stood, or will stand, under the same name, also
  /// from those that another hand has written there. 0: nothing is known that could.
  std::uint64_t version = 0;
  /// Of these bytes: what their commit was told, as long as no other hand has changed the file.
  std::optional<std::uint32_t> crc32 = std::nullopt;
};

/// What must stand under a name in the moment in which that is changed. That nothing comes between
/// the look and the change is the storage's affair: of two who expect the same, one is refused.
struct Expected {
  enum class Kind : std::uint8_t {
    anything,  // whatever is there, or nothing
    nothing,   // no file: none is overwritten
    file,      // a file, whichever
    version,   // this version of it
  };
  Kind kind = Kind::anything;
  std::uint64_t version = 0;

  /// Whether this is what stands there: a file of version `there`, or no file.
  constexpr bool is_met_by(std::optional<std::uint64_t> there) const noexcept {
    switch (kind) {
      case Kind::anything:
        return true;
      case Kind::nothing:
        return !there;
      case Kind::file:
        return there.has_value();
      case Kind::version:
        return there && *there != 0 && *there == version;
    }
    return false;
  }
};

/// Whose names are meant.
enum class Scope : std::uint8_t {
  served,  // those that requests may name
  /// A folder of its own in the private folder, for uploads that are not whole yet. A storage that
  /// has none ends all that is asked of it in this scope with not_implemented.
  uploads,
};

struct CommitOptions {
  Expected expected = {};
  /// CRC-32 of the file's bytes: is kept with it, and told as FileInfo::crc32.
  std::optional<std::uint32_t> crc32 = std::nullopt;
  /// The name that the file becomes visible under, in Scope::served; empty: the one that it was
  /// created as.  Lifetime: outlives the await.
  std::string_view path = {};
};

/// What a commit did.
struct Committed {
  bool replaced = false;      // a file of that name was there before
  std::uint64_t version = 0;  // that of the file which is there now; never 0
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

/// A file being written, invisible until its commit. Dropped without one, it leaves nothing; one
/// that is gone on with (CreateOptions::resume_at) leaves what its last sync made durable, and
/// perhaps more.
class StagedFile {
 public:
  class Write;
  class Room;
  class Sync;
  class Commit;

  /// `size`: bytes that are there already.
  explicit StagedFile(WriterSlot& slot, std::uint64_t size = 0) noexcept
      : slot_(&slot), size_(size) {}
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
  /// Lends the same room, once room() has ended, when bytes are there to be put into it: so that a
  /// file holds no block while they are waited for.  Lifetime: the file's.
  coro::Lender& lender() noexcept;

  /// Makes all bytes given so far durable, of a file that is gone on with.
  /// Errors: as write.
  [[nodiscard]] Sync sync() noexcept;

  /// Makes the file visible under its name, whole and durable. The last call on this file.
  /// Errors: no_space, disk_failed, conflict (the name was taken meanwhile by what is no file),
  /// precondition_failed (what stands there is not `options.expected`; it stays as it is). Under
  /// another name than it was created as also: bad_path, not_writable; conflict (no file of that
  /// name could be created); other_mount (this one cannot go there from where it lies); not_found
  /// (of a file that is gone on with: it was removed meanwhile). That one stays when its commit
  /// fails.
  [[nodiscard]] Commit commit(const CommitOptions& options = {}) noexcept;

  std::uint64_t size() const noexcept { return size_; }  // bytes given so far
  // After a commit.
  bool replaced() const noexcept { return committed_.replaced; }
  std::uint64_t version() const noexcept { return committed_.version; }

 private:
  WriterSlot* slot_;
  std::uint64_t size_ = 0;
  Committed committed_;
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
class WriterSlot : public coro::Lender {
 public:
  /// Someone who waits for room. Called once: with none when room() has some, or with the error.
  class RoomWaiter {
   public:
    virtual void on_room(Error error) noexcept = 0;

   protected:
    ~RoomWaiter() = default;
  };

  /// Returns: the free part of the block being filled; empty when all blocks are being written, or
  /// when a write has failed (when_room tells). Never empty between room that was told of and the
  /// call of filled(), also after put_off().
  MutableBytes room() noexcept override = 0;
  /// Calls `waiter` when there is room again, or at once if there is.
  virtual void when_room(RoomWaiter& waiter) noexcept = 0;
  virtual void cancel_when_room(RoomWaiter& waiter) noexcept = 0;
  /// The first `size` bytes of room() are data now. A full block starts on its way to the medium.
  virtual void filled(std::size_t size) noexcept = 0;
  /// Of a file that is gone on with; where there are none, never called.
  virtual void begin_sync(StagedFile::Sync& operation) noexcept;
  /// The coroutine is going away: what it waits for may still happen, or not.
  virtual void cancel_sync(StagedFile::Sync& operation) noexcept;
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

inline coro::Lender& StagedFile::lender() noexcept { return *slot_; }

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

class StagedFile::Sync : public coro::LeafOperation {
 public:
  explicit Sync(WriterSlot& slot) noexcept : slot_(&slot) {}
  Sync(Sync&&) = default;
  ~Sync() {
    if (is_pending()) slot_->cancel_sync(*this);
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { slot_->begin_sync(*this); });
  }
  void take() const noexcept {}

 private:
  WriterSlot* slot_;
};

class StagedFile::Commit : public coro::LeafOperation {
 public:
  Commit(StagedFile& file, const CommitOptions& options) noexcept
      : file_(&file), options_(options) {}
  Commit(Commit&&) = default;
  ~Commit() {
    if (is_pending()) file_->slot_->cancel_commit(*this);
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { file_->slot_->begin_commit(*this); });
  }
  void take() const noexcept {}

  const CommitOptions& options() const noexcept { return options_; }
  /// For the back end: ends the commit.
  void succeed(Committed committed) noexcept {
    file_->committed_ = committed;
    finish();
  }

 private:
  StagedFile* file_;
  CommitOptions options_;
};

}  // namespace wherry::storage
