// SPDX-License-Identifier: MIT
// FolderReader: an opened folder, as the disk sees it, read page by page. Every call may wait for
// the disk, and none goes on for longer than about a slice of time: who wants the rest calls again.
// Knows no coroutine and no loop.
//
// A folder whose entries all fit the first page comes by name. Else it comes in the order of the
// file system, in one pass. Who goes on behind a name (of such a first page, when the folder has
// grown since) gets the next names in order, for a pass over the folder a page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/storage/folder.h"
#include "wherry/storage/path.h"
#include "wherry/storage/posix/directory.h"
#include "wherry/storage/posix/fd.h"
#include "wherry/storage/posix/root.h"

namespace wherry::storage::posix {

class FolderReader {
 public:
  /// Remembers what to open: `path` passed check_path, or is empty (the root).
  FolderReader(std::string_view path, const FolderPosition& position) noexcept;

  /// Errors: those of Storage::list but busy for want of a slot.
  Result<> open(const Root& root) noexcept;
  bool is_open() const noexcept { return static_cast<bool>(folder_); }
  void close() noexcept { folder_.reset(); }

  /// Lends the memory that pages are made in: at least kMinBlockBytes, for as long as this lives.
  void set_block(MutableBytes block) noexcept;
  static constexpr std::size_t kMinBlockBytes =
      Directory::kMinBufferBytes + 4 * FolderPageWriter::kMaxEntryBytes;

  /// Begins the page behind the last one that was taken; of at most `max_entries`.
  void begin_page(std::uint32_t max_entries) noexcept;
  /// Returns: whether page() is complete; else read_some has to be called again.
  /// Errors: disk_failed, not_found.
  Result<bool> read_some(const Root& root) noexcept;
  const FolderPage& page() const noexcept { return page_; }
  /// The page has been told: the next one is behind it.
  void take_page() noexcept;
  /// Nobody wanted the page: the next one begins where it did.
  void drop_page() noexcept;

  static constexpr std::int64_t kSliceMs = 20;

 private:
  enum class Order : std::uint8_t {
    unknown,  // from the begin: what fits a page will come by name
    storage,
    name,
  };
  /// A name that is kept.
  struct Bound {
    std::uint8_t size = 0;
    char text[kMaxSegmentBytes];

    void set(std::string_view name) noexcept;
    std::string_view name() const noexcept { return {text, size}; }
  };
  static_assert(kMaxSegmentBytes <= UINT8_MAX);

  std::string_view path() const noexcept { return {path_, path_size_}; }
  bool describe(const Root& root, const Directory::Entry& found, FolderEntry& entry) noexcept;
  bool describe_target(const Root& root, std::string_view name, FolderEntry& entry) noexcept;
  bool add(FolderEntry& entry) noexcept;
  bool add_by_name(FolderEntry& entry) noexcept;
  void keep_lowest(std::uint32_t count) noexcept;
  void finish_page(bool is_at_end) noexcept;

  Fd folder_;
  Directory entries_;
  MutableBytes block_;  // without what `entries_` has of it
  Order order_;
  bool must_seek_ = true;     // the folder does not stand where the page begins
  bool is_over_ = false;      // nothing is behind what was taken
  bool leaves_more_ = false;  // of what was seen for this page
  std::uint32_t max_entries_ = 0;
  std::uint64_t taken_cookie_;  // behind which the page begins: its cookie,
  Bound taken_name_;            // or its name
  std::uint64_t cookie_ = 0;    // of the last entry that was looked at
  Bound ceiling_;               // names from this on are for later pages; empty: none
  FolderPageWriter writer_{{}};
  FolderPage page_;
  std::uint16_t path_size_;
  char path_[kMaxPathBytes];
};

}  // namespace wherry::storage::posix
