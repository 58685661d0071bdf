// SPDX-License-Identifier: MIT
// The slots of a MemoryStorage: a file being read, a file being written, a folder being read, a
// removal or a move. For that back end only.
// Invariant: a slot whose end of an operation is still in the mailbox stays until that has run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wherry/coro/mailbox.h"
#include "wherry/storage/memory/memory_storage.h"

namespace wherry::storage::memory {

/// An operation that ends at once, or by the mailbox.
class Deferred : private coro::Completion {
 public:
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;

 protected:
  explicit Deferred(MemoryStorage& storage, coro::Mailbox* mailbox) noexcept
      : coro::Completion(&run_on_loop), storage_(storage), mailbox_(mailbox) {}
  ~Deferred() = default;

  virtual void ended() noexcept = 0;
  /// Has ended() called. Once at a time.
  void end_soon() noexcept;
  bool is_under_way() const noexcept { return is_under_way_; }

  MemoryStorage& storage_;

 private:
  static void run_on_loop(coro::Completion& completion) noexcept;

  coro::Mailbox* mailbox_;
  bool is_under_way_ = false;
};

class Reader final : public ReaderSlot, private Deferred {
 public:
  explicit Reader(MemoryStorage& storage) noexcept : Deferred(storage, storage.mailbox()) {}

  void begin_open(Storage::Open& operation) noexcept;
  void cancel_open() noexcept { open_ = nullptr; }

  // ReaderSlot
  const FileInfo& info() const noexcept override { return version_->info; }
  void begin_read(File::Read& operation) noexcept override;
  void cancel_read(File::Read& operation) noexcept override;
  coro::Task<> send_to(coro::Context& context, coro::Sink& sink, std::uint64_t offset,
                       std::uint64_t size) noexcept override;
  void close() noexcept override;

 private:
  void ended() noexcept override;
  void end_open() noexcept;
  Bytes view(std::uint64_t offset, std::size_t size) noexcept;
  void leave() noexcept;

  MemoryStorage::Version* version_ = nullptr;
  std::uint64_t block_begin_ = 0;  // where block_ lies in the file
  MemoryStorage::BlockIndex block_ = MemoryStorage::kNoBlock;
  Storage::Open* open_ = nullptr;
  File::Read* read_ = nullptr;
  bool is_open_ = false;
  bool is_closing_ = false;
  Error error_ = Error::none;
};

class Writer final : public WriterSlot, private Deferred {
 public:
  /// `path` is copied to `path_memory`, which is the slot's.
  Writer(MemoryStorage& storage, std::span<char> path_memory, std::string_view path) noexcept;

  void begin_create(Storage::Create& operation) noexcept;
  void cancel_create() noexcept;

  // WriterSlot
  MutableBytes room() noexcept override;
  void when_room(RoomWaiter& waiter) noexcept override;
  void cancel_when_room(RoomWaiter& waiter) noexcept override;
  void filled(std::size_t size) noexcept override;
  void begin_sync(StagedFile::Sync& operation) noexcept override;
  void cancel_sync(StagedFile::Sync& operation) noexcept override;
  void begin_commit(StagedFile::Commit& operation) noexcept override;
  void cancel_commit(StagedFile::Commit& operation) noexcept override;
  void close() noexcept override;

 private:
  void ended() noexcept override;
  void end_create() noexcept;
  Error resume(std::uint64_t size) noexcept;
  void end_sync() noexcept;
  Result<Committed> give_name(const CommitOptions& options) noexcept;
  void end_commit() noexcept;
  void take_block() noexcept;
  void let_go() noexcept;
  void leave() noexcept;

  std::string_view path_;
  MemoryStorage::Version* version_ = nullptr;
  bool is_named_ = false;  // stands under path_ while it grows
  std::size_t filled_in_block_ = 0;
  bool has_room_ = false;
  bool is_open_ = false;
  bool is_closing_ = false;
  Error error_ = Error::none;
  Committed committed_;
  Storage::Create* create_ = nullptr;
  RoomWaiter* room_waiter_ = nullptr;
  StagedFile::Sync* sync_ = nullptr;
  StagedFile::Commit* commit_ = nullptr;
};

class Lister final : public FolderSlot, private Deferred {
 public:
  /// The operation's path is copied to `path_memory`, which is the slot's, as `page` is.
  Lister(MemoryStorage& storage, std::span<char> path_memory, MutableBytes page,
         const Storage::List& operation) noexcept;

  void begin_list(Storage::List& operation) noexcept;
  void cancel_list() noexcept { list_ = nullptr; }

  // FolderSlot
  void begin_read(Folder::Read& operation) noexcept override;
  void cancel_read(Folder::Read& operation) noexcept override;
  void close() noexcept override;

 private:
  void ended() noexcept override;
  void end_list() noexcept;
  FolderPage read_page(std::uint32_t max_entries) noexcept;
  std::string_view folder() const noexcept { return {memory_.data(), path_size_}; }
  std::string_view behind() const noexcept { return {memory_.data() + path_size_, behind_size_}; }
  void go_behind(std::string_view name) noexcept;
  void leave() noexcept;

  std::span<char> memory_;  // the folder's path, then the last name that was told
  MutableBytes page_;
  std::size_t path_size_;
  std::size_t behind_size_ = 0;
  Storage::List* list_ = nullptr;
  Folder::Read* read_ = nullptr;
  bool is_open_ = false;
  bool is_closing_ = false;
  Error error_ = Error::none;
};

class Changer final : public ChangeSlot, private Deferred {
 public:
  explicit Changer(MemoryStorage& storage) noexcept : Deferred(storage, storage.mailbox()) {}

  void begin_change(Storage::Change& operation) noexcept;
  void cancel_change() noexcept { change_ = nullptr; }

 private:
  void ended() noexcept override;

  Storage::Change* change_ = nullptr;
};

}  // namespace wherry::storage::memory
