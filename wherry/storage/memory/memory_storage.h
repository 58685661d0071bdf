// SPDX-License-Identifier: MIT
// MemoryStorage: files in memory that somebody gives: for boards without a flash file system, and
// for tests of everything that uses a storage, which can make its n-th operation fail here.
//
// Folders are only parts of names. Keeps every promise of the contract but the one about power.
// Layout of the memory: names | versions | slots | the chain of blocks | blocks. A version is a
// chain of blocks; a name leads to one version; who reads an old one keeps it alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/coro/mailbox.h"
#include "wherry/storage/block_pool.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::memory {

struct Options {
  std::uint32_t files = 16;       // names at a time
  std::uint32_t slots = 8;        // files open at a time, read or written
  std::size_t path_bytes = 96;    // the longest name; at most kMaxPathBytes
  std::size_t block_bytes = 512;  // files take whole blocks; a read or a room is at most one
  std::size_t page_bytes = 512;   // of a folder, in each slot; at least kMaxEntryBytes
  /// The version of what is committed first; each commit takes the next. What was told of another
  /// run is known by nobody in this one, if the two begin with numbers that lie far apart.
  std::uint64_t first_version = 1;
  /// Where operations end: null: at once, from within their begin; else later, by this mailbox, as
  /// those of a disk do.
  coro::Mailbox* mailbox = nullptr;
};

class Reader;
class Writer;
class Lister;
class Changer;

class MemoryStorage final : public Storage {
 public:
  /// Keeps its files and all that it needs in `memory`, which outlives it.
  MemoryStorage(MutableBytes memory, const Options& options) noexcept;
  /// By then no File, StagedFile or operation remains, and the mailbox has run all that it had.
  ~MemoryStorage();
  MemoryStorage(const MemoryStorage&) = delete;
  MemoryStorage& operator=(const MemoryStorage&) = delete;

  /// Puts a file there at once, for a board's built-in files and for tests.
  /// Errors: bad_path, conflict, no_space.
  Result<> store(std::string_view path, Bytes bytes) noexcept;

  /// The modification time of what is committed or stored from now on; none: there is no clock.
  void set_clock(std::optional<std::int64_t> now_s) noexcept { now_s_ = now_s; }

  /// Makes the `index`-th operation from now on fail with `error` (0: the next). Counted are: open,
  /// create, read, taking a block to write into, sync, commit, list, reading a page of a folder,
  /// remove, move and measure.
  void fail_operation(std::uint64_t index, Error error) noexcept;
  /// Operations so far.
  std::uint64_t operation_count() const noexcept { return operation_count_; }

  std::uint32_t file_count() const noexcept;
  std::uint32_t slots_in_use() const noexcept { return slots_.in_use(); }
  std::uint32_t blocks_in_use() const noexcept { return block_count_ - free_block_count_; }
  std::uint32_t block_count() const noexcept { return block_count_; }
  std::size_t block_bytes() const noexcept { return block_bytes_; }

  // Storage
  void begin_open(Open& operation) noexcept override;
  void cancel_open(Open& operation) noexcept override;
  void begin_create(Create& operation) noexcept override;
  void cancel_create(Create& operation) noexcept override;
  void begin_list(List& operation) noexcept override;
  void cancel_list(List& operation) noexcept override;
  void begin_change(Change& operation) noexcept override;
  void cancel_change(Change& operation) noexcept override;
  void begin_measure(Measure& operation) noexcept override;
  void cancel_measure(Measure&) noexcept override {}  // none is ever pending
  void report(StatusSink& sink) const noexcept override;

 private:
  friend class Reader;
  friend class Writer;
  friend class Lister;
  friend class Changer;

  using BlockIndex = std::uint32_t;
  static constexpr BlockIndex kNoBlock = 0xFFFFFFFFu;

  /// The bytes of a file as one commit left them.
  struct Version {
    FileInfo info;
    BlockIndex first = kNoBlock;
    BlockIndex last = kNoBlock;
    std::uint32_t references = 0;  // a name, a reader, a writer; 0: the place is free
  };
  struct Name {
    std::uint32_t size = 0;
    Version* version = nullptr;  // null: the place is free
  };

  std::string_view path_of(std::size_t index) const noexcept;
  std::string_view path_of(const Name& name) const noexcept {
    return path_of(static_cast<std::size_t>(&name - names_.data()));
  }
  void set_path(Name& name, std::size_t from, std::size_t size, std::string_view with) noexcept;
  Name* find(std::string_view path) noexcept;
  bool is_blocked(std::string_view path) const noexcept;
  bool is_folder(std::string_view path) const noexcept;
  /// Returns: the entry of `folder` whose name is the first behind `behind`; one without a name:
  /// there is none.
  FolderEntry next_entry(std::string_view folder, std::string_view behind) const noexcept;
  Result<> check_create(std::string_view path, const CreateOptions& options) noexcept;
  Result<Committed> give_name(std::string_view path, Version& version,
                              const CommitOptions& options) noexcept;
  /// Takes away a name that may be there.
  void forget(std::string_view path) noexcept;
  Error remove_now(const Change& change) noexcept;
  Error move_now(const Change& change) noexcept;
  Error move_file(Name& from, std::string_view to, bool replaces) noexcept;
  Error move_folder(std::string_view from, std::string_view to) noexcept;

  Version* make_version() noexcept;
  void release(Version& version) noexcept;
  bool append_block(Version& version) noexcept;
  /// Drops what is behind the first `size` bytes.
  /// Returns: how many of them are in the last block; 0: there is none, or it is full.
  std::size_t truncate(Version& version, std::uint64_t size) noexcept;
  void give_back_blocks(BlockIndex first) noexcept;
  MutableBytes block(BlockIndex index) const noexcept;

  Error next_fault() noexcept;
  coro::Mailbox* mailbox() const noexcept { return mailbox_; }
  void give_back(std::byte* slot) noexcept { slots_.give_back(slot); }

  coro::Mailbox* mailbox_;
  std::size_t path_bytes_;
  std::size_t block_bytes_;
  std::size_t page_bytes_;
  std::uint64_t next_version_;
  std::optional<std::int64_t> now_s_;

  std::span<Name> names_;
  std::span<char> paths_;
  std::span<Version> versions_;
  BlockPool slots_;
  std::span<BlockIndex> next_block_;  // a chain through a file, or through the free blocks
  MutableBytes blocks_;
  std::uint32_t block_count_ = 0;
  std::uint32_t free_block_count_ = 0;
  BlockIndex first_free_ = kNoBlock;

  std::uint64_t operation_count_ = 0;
  std::uint64_t fault_at_ = UINT64_MAX;
  Error fault_ = Error::none;
};

}  // namespace wherry::storage::memory
