// SPDX-License-Identifier: MIT
// Folders as handlers and back ends hold them: their entries, a page at a time, in the memory of
// one slot, however many there are. What a storage promises of them is in storage.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "wherry/base/bytes.h"
#include "wherry/coro/operation.h"

namespace wherry::storage {

/// Where an entry stands in its folder: behind it a list can go on. What was told in name order has
/// no cookie: there it goes on with the names behind `name`. Else `cookie` alone counts.
struct FolderPosition {
  std::uint64_t cookie = 0;
  std::string_view name = {};  // empty: before the first entry
};

/// Whether a list can go on behind `position` by name: it has no cookie, and no name or one that an
/// entry may have.
bool is_position_by_name(const FolderPosition& position) noexcept;

/// A file or a folder in a folder. What no request could name is not told.
struct FolderEntry {
  std::string_view name;
  bool is_folder = false;
  /// A folder that a link leads to: it may hold this very folder. Who walks a tree stays out of it.
  bool is_linked = false;
  std::uint64_t size = 0;                                 // bytes, of a file
  std::optional<std::int64_t> modified_s = std::nullopt;  // as FileInfo::modified_s
  std::uint64_t version = 0;                              // as FileInfo::version, of a file
  std::optional<std::uint32_t> crc32 = std::nullopt;      // as FileInfo::crc32
  std::uint64_t cookie = 0;                               // 0 in a page that comes by name

  FolderPosition position() const noexcept { return {cookie, name}; }
};

/// Some entries of a folder, in the slot's block.
class FolderPage {
 public:
  enum class Order : std::uint8_t {
    name,     // all entries of the folder come by name, byte by byte
    storage,  // as the storage has them
  };

  FolderPage() = default;

  std::uint32_t count() const noexcept { return count_; }
  /// `index`: less than count().  Lifetime: that of the page.
  FolderEntry operator[](std::uint32_t index) const noexcept;
  Order order() const noexcept { return order_; }
  /// Nothing follows. (Where that is not known, a page without entries ends the folder.)
  bool is_last() const noexcept { return is_last_; }

 private:
  friend class FolderPageWriter;

  Bytes block_;
  std::uint32_t count_ = 0;
  Order order_ = Order::storage;
  bool is_last_ = true;
};

/// For back ends: fills a page. Entries lie at the front of the block, where each of them begins is
/// at its end.
class FolderPageWriter {
 public:
  /// `block`: aligned to 4 bytes, less than 4 GiB; room for one entry of the longest name takes
  /// kMaxEntryBytes.  Lifetime: that of the page.
  static constexpr std::size_t kMaxEntryBytes = 304;
  explicit FolderPageWriter(MutableBytes block) noexcept;

  std::uint32_t count() const noexcept { return count_; }
  /// Returns: whether there was room for it; else the page is as it was.
  bool add(const FolderEntry& entry) noexcept;
  void sort_by_name() noexcept;
  /// Takes the cookies away: from now the entries are gone on from by name.
  void forget_cookies() noexcept;
  /// Keeps the first `count` entries, of those that there are, and the room of the others is free
  /// again. To be sorted again.
  void keep_first(std::uint32_t count) noexcept;
  /// `index`: less than count().
  std::string_view name(std::uint32_t index) const noexcept;
  /// Returns: the page so far.
  FolderPage finish(FolderPage::Order order, bool is_last) const noexcept;

 private:
  MutableBytes block_;
  std::size_t used_ = 0;
  std::uint32_t count_ = 0;
};

class FolderSlot;

/// An opened folder. Closed by its destructor.
class Folder {
 public:
  class Read;

  explicit Folder(FolderSlot& slot) noexcept : slot_(&slot) {}
  Folder(Folder&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  Folder& operator=(Folder&& other) noexcept;
  ~Folder();

  /// Reads on: as many entries as the slot's block holds, at most `max_entries` (at least one): one
  /// page. A folder that fits the first page from its begin to its end comes by name; all pages of
  /// a folder come in the same order, in one pass over it. What is put there or taken away
  /// meanwhile may be told or not; everything else is told once. Returns: the next page; one
  /// without entries at the end.  Errors: disk_failed, and not_found when the folder has gone.
  /// Lifetime: the page is valid until the next read or the end of the Folder.
  [[nodiscard]] Read read(std::uint32_t max_entries = UINT32_MAX) noexcept;

 private:
  FolderSlot* slot_;
};

/// The back end's side of a Folder. Lives in a pool of the back end.
class FolderSlot {
 public:
  virtual void begin_read(Folder::Read& operation) noexcept = 0;
  /// The read's coroutine is going away. Work under way goes on, into the slot's own block.
  virtual void cancel_read(Folder::Read& operation) noexcept = 0;
  /// The Folder has gone: close, and return to the pool when nothing is under way any more.
  virtual void close() noexcept = 0;

 protected:
  ~FolderSlot() = default;
};

class Folder::Read : public coro::LeafOperation {
 public:
  Read(FolderSlot& slot, std::uint32_t max_entries) noexcept
      : slot_(&slot), max_entries_(max_entries) {}
  Read(Read&&) = default;
  ~Read() {
    if (is_pending()) slot_->cancel_read(*this);
  }
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { slot_->begin_read(*this); });
  }
  FolderPage take() const noexcept { return page_; }

  std::uint32_t max_entries() const noexcept { return max_entries_; }
  /// For the back end: ends the read.
  void succeed(const FolderPage& page) noexcept {
    page_ = page;
    finish();
  }

 private:
  FolderSlot* slot_;
  std::uint32_t max_entries_;
  FolderPage page_;
};

}  // namespace wherry::storage
