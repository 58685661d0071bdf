// SPDX-License-Identifier: MIT
// LittlefsStorage: files on a flash chip or an SD card, for a board without threads: every call
// ends at once, having done the work.
//
// A file is written as a staging file in the private folder; its commit closes it, which makes its
// bytes durable, and then renames it, which littlefs does in one step. mount() sweeps what a power
// cut left.
//
// littlefs gives the blocks of a replaced file to the next one, also while somebody reads it. So a
// commit over a name waits until those who read it have closed it; opens of that name that come
// meanwhile wait behind it; and a commit that waits for longer than commit_wait_ms fails with busy.
// Who commits over a file that he himself has open waits in vain. So do a removal and a move wait:
// one of a folder for the readers of all that is in it.
//
// An upload that is gone on with grows under its own name, in the folder of the uploads: littlefs
// never writes over what was synced, so a power cut leaves what the last sync did. Its commit
// closes it, waits as others do, and renames it, which makes missing folders first.
//
// A folder that is removed with all that is in it gets a name in the private folder, in one step;
// poll() then removes it there, an entry at a time.
//
// Which faults of a device are survived (tests/powerloss proves it, at every write of an upload, a
// removal and a move; of which one may leave behind empty folders that were made for it):
// - a power cut between any two writes or erasures;
// - a power cut in the middle of one: its sector holds the old bytes, the new ones, part of both or
//   garbage, and a block that was being erased anything;
// - the loss of any of the writes since the last sync, in any order, as of a card with a cache;
// - a write that fails: the commit fails, the old file stays, nothing is left behind.
// Then the old file or the new one is there, whole, and all others are as they were. Not survived:
// - a device that tells that it has synced what it then loses;
// - one that harms, in a power cut, sectors that were not being written (cheap cards do);
// - bits that flip later: littlefs checks its metadata (CRC-32) only to find its last state, and
//   the contents of files not at all;
// - a device that fails for good in the middle of a rename: the error leaves open which file is
//   there. It is one of the two, whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/storage/block_pool.h"
#include "wherry/storage/littlefs/block_device.h"
#include "wherry/storage/littlefs/changer.h"
#include "wherry/storage/littlefs/file_system.h"
#include "wherry/storage/littlefs/lister.h"
#include "wherry/storage/littlefs/reader.h"
#include "wherry/storage/littlefs/slot.h"
#include "wherry/storage/littlefs/writer.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::littlefs {

struct Options {
  std::uint32_t slots = 4;             // files and folders open at a time, or waiting to be
  std::size_t path_bytes = 96;         // the longest name; at most kMaxPathBytes; < sector_bytes
  std::size_t slot_block_bytes = 512;  // a read or a room is at most one; > path_bytes + 48
  std::size_t sector_bytes = 512;      // the device's
  std::uint32_t commit_wait_ms = 10'000;
  /// &Writer::kUploads: there is a Scope::uploads. Null: there is none, and what it takes is not in
  /// flash, 1.5 KB.
  const Uploads* uploads = nullptr;
  FileSystemOptions file_system = {};
};

class LittlefsStorage final : public Storage {
 public:
  /// What a storage of these options needs beside itself, in bytes.
  static constexpr std::size_t required_bytes(const Options& options) noexcept;

  /// `memory`: required_bytes(options), aligned to kAlignment.  Lifetime: both outlive the storage.
  static constexpr std::size_t kAlignment = alignof(std::max_align_t);
  LittlefsStorage(BlockDevice& device, MutableBytes memory, const Options& options) noexcept;
  /// By then no File, StagedFile or operation remains.
  ~LittlefsStorage();
  LittlefsStorage(const LittlefsStorage&) = delete;
  LittlefsStorage& operator=(const LittlefsStorage&) = delete;

  /// Finds out what is on the medium, finishes what a power cut interrupted, and sweeps. Until it
  /// returned `ready`, opens and creates end with storage_unavailable. May be called again, with no
  /// file open. A medium that was not ready, or that has failed since, may come back or be another:
  /// the next operation that finds no file open mounts it, formatting as set_later_format() says
  /// (Format::never); until then nothing is written.
  Medium mount(Format format) noexcept;
  void set_later_format(Format format) noexcept { later_format_ = format; }
  Medium medium() const noexcept { return files_.medium(); }
  /// With no file open.
  void unmount() noexcept;

  /// Tells the time: any clock that counts milliseconds and does not run back. Called by the loop
  /// in each of its turns; commits that have waited for too long end here, and an entry of a folder
  /// that was removed with all that is in it goes in each. When no file has been
  /// open for kRestMs and much was written, it looks for free blocks, so that the next upload finds
  /// them: that takes as long as free_bytes(), once for half as many written blocks as one search
  /// tells of.
  static constexpr std::uint64_t kRestMs = 1000;
  void poll(std::uint64_t now_ms) noexcept;
  /// When poll() should be called at the latest; none: nothing waits.
  std::optional<std::uint64_t> next_deadline_ms() const noexcept;

  std::uint64_t total_bytes() const noexcept;
  /// Walks the medium: one sector is read for each block in use.
  /// Errors: storage_unavailable, disk_failed.
  Result<std::uint64_t> free_bytes() noexcept;

  /// A file of the board's own, in the private folder, which no request can name. `name`: without
  /// the folder. With a slot to spare.
  /// Returns: its bytes, the begin of `into`.
  /// Errors: not_found, content_too_large (`into` is too small), no_slot, storage_unavailable,
  /// disk_failed.
  Result<MutableBytes> read_private(std::string_view name, MutableBytes into) noexcept;
  /// Replaces it, or makes it; in one step. Errors: no_space, no_slot, storage_unavailable,
  /// disk_failed.
  Result<> write_private(std::string_view name, Bytes bytes) noexcept;

  std::uint32_t slots_in_use() const noexcept { return slots_.in_use(); }
  std::uint32_t peak_slots() const noexcept { return slots_.peak_in_use(); }

  // Storage
  void begin_open(Open& operation) noexcept override;
  void cancel_open(Open& operation) noexcept override;
  void begin_create(Create& operation) noexcept override;
  void cancel_create(Create&) noexcept override {}  // none is ever pending
  /// Free is what is known from the last walk and the commits since. Where nothing is known, the
  /// medium is walked if few blocks are in use; else none, until a create has to walk it.
  void begin_list(List& operation) noexcept override;
  void cancel_list(List&) noexcept override {}  // none is ever pending
  void begin_change(Change& operation) noexcept override;
  void cancel_change(Change& operation) noexcept override;
  void begin_measure(Measure& operation) noexcept override;
  void cancel_measure(Measure&) noexcept override {}  // none is ever pending
  void report(StatusSink& sink) const noexcept override;

 private:
  friend class Reader;
  friend class Writer;
  friend class Slot;
  friend class Changer;
  friend class Lister;

  struct Layout {
    std::size_t cache_at, block_at, path_at, slot_bytes;
  };
  static constexpr Layout layout_of(const Options& options) noexcept;

  FileSystem& files() noexcept { return files_; }
  SlotMemory memory_of(MutableBytes place) const noexcept;
  Result<> prepare() noexcept;
  Result<MutableBytes> admit(Scope scope, std::string_view path, Error too_long,
                             bool may_be_root) noexcept;
  bool has_uploads() const noexcept { return options_.uploads != nullptr; }
  const Uploads& uploads() const noexcept { return *options_.uploads; }
  template <class Use>
  Error with_private(std::string_view name, int flags, Use use) noexcept;

  // Who waits for whom.
  bool may_go(const Slot& slot) const noexcept;
  void wait(Slot& slot) noexcept { waiting_.append(slot); }
  void stop_waiting(Slot& slot) noexcept;
  void go_on_with_waiting() noexcept;
  void opened(Slot& reader) noexcept { readers_.append(reader); }
  void closed(Reader& reader) noexcept;
  void opened(Lister& lister) noexcept { listers_.append(lister); }
  void closed(Lister& lister) noexcept;
  std::uint64_t commit_deadline_ms() const noexcept { return now_ms_ + options_.commit_wait_ms; }

  Result<> check_space(std::uint64_t size) noexcept;
  void written(std::uint64_t size) noexcept;
  void use_rest(std::uint64_t now_ms) noexcept;
  /// Blocks have come into use, or are free.
  void gained(std::uint32_t blocks) noexcept;
  void lost(std::uint32_t blocks) noexcept;
  /// To be called before a name comes to lead to something else.
  void names_change() noexcept;
  /// A version for a file: 32 bits of what is in it, and 32 that count on from where this mount
  /// found the medium: littlefs's seed, a checksum over all metadata, and so another one whenever
  /// anything was committed since. No board needs a source of randomness for it, or a clock.
  std::uint64_t new_version(std::uint32_t size, std::optional<std::uint32_t> crc32) noexcept;
  Error throw_away(const char* folder) noexcept;
  void empty_trash() noexcept;

  template <class T>
  void give_back(T& slot) noexcept;

  const Options options_;
  FileSystem files_;
  BlockPool slots_;
  SlotList readers_;  // open files, and uploads that are gone on with
  SlotList waiting_;  // opens, commits and changes, first come first served
  SlotList listers_;  // open folders
  Format later_format_ = Format::never;
  std::uint64_t now_ms_ = 0;
  std::uint64_t last_use_ms_ = 0;           // when a file was last seen open
  std::uint64_t searched_blocks_used_ = 0;  // blocks written since free ones were looked for
  std::uint32_t next_staging_ = 0;
  std::uint32_t next_version_ = 0;
  bool has_trash_ = false;
  /// Blocks in use, about: counted by a walk, kept up by each commit. None: not walked yet.
  std::optional<std::uint64_t> used_blocks_;
};

namespace internal {
constexpr std::size_t round_up(std::size_t size, std::size_t alignment) noexcept {
  return (size + alignment - 1) / alignment * alignment;
}
}  // namespace internal

constexpr LittlefsStorage::Layout LittlefsStorage::layout_of(const Options& options) noexcept {
  using internal::round_up;
  constexpr std::size_t kObject =
      std::max({sizeof(Reader), sizeof(Writer), sizeof(Lister), sizeof(Changer)});
  Layout layout{};
  layout.cache_at = round_up(kObject, 4);
  layout.block_at = layout.cache_at + options.sector_bytes;
  layout.path_at = layout.block_at + options.slot_block_bytes;
  layout.slot_bytes = round_up(layout.path_at + options.path_bytes + 1, kAlignment);
  return layout;
}

constexpr std::size_t LittlefsStorage::required_bytes(const Options& options) noexcept {
  return options.slots * layout_of(options).slot_bytes  // state, cache, block and path of each
         + 2 * options.sector_bytes                     // littlefs: read and program caches
         + options.file_system.lookahead_bytes;         // littlefs: which blocks are free
}

}  // namespace wherry::storage::littlefs
