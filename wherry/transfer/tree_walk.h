// SPDX-License-Identifier: MIT
// TreeWalk: goes through all that is in a folder and in the folders within, one entry at a time, a
// folder before what is in it, in fixed memory however much there is.
// Invariant: one Folder is open at a time. Above the one that is being read, only the place is kept
// at which each goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "wherry/app/request.h"
#include "wherry/coro/task.h"
#include "wherry/storage/storage.h"

namespace wherry::transfer {

class TreeWalk {
 public:
  struct Entry {
    std::string_view path;  // relative to the folder that is walked; a folder's ends with a slash
    storage::FolderEntry info;
  };

  /// `folder`: without a slash at its end; empty: the root.
  /// Memory: one path (limits.max_readline, at most storage::kMaxPathBytes) and the places, an
  /// eighth as many as that has bytes, of the request's.  Lifetime: `request` outlives it.
  TreeWalk(app::Request& request, std::string_view folder) noexcept;

  /// Returns: the next entry, where no wait is needed for it.  Lifetime: up to the next call.
  std::optional<Entry> next() noexcept;

  /// Gets what next() needs, when that has nothing more.
  /// Returns: false when all has been told.
  /// Errors: those of Storage::list and Folder::read; no_memory; bad_path (a path is longer than a
  /// request could name, or folders lie deeper than there are places).
  coro::Task<bool> more();

  coro::Context& context() const noexcept { return request_->context(); }

  /// The path of the last entry from the storage's root on.
  std::string_view path() const noexcept { return {path_.data(), path_size_}; }

 private:
  /// The folder that is being read, as the storage is asked for it.
  std::string_view folder() const noexcept;
  Result<> enter() noexcept;
  storage::FolderPosition leave() noexcept;

  app::Request* request_;
  std::span<char> path_;             // the folder that is being read, and the last entry's name
  std::span<std::uint64_t> places_;  // the cookie of each folder above, in the one above that
  std::size_t root_size_ = 0;        // of path_: the folder that is walked, with its slash
  std::size_t folder_size_ = 0;      // of path_: the one that is being read, with its slash
  std::size_t path_size_ = 0;
  std::size_t depth_ = 0;
  std::optional<storage::Folder> folder_;
  storage::FolderPage page_;
  std::uint32_t index_ = 0;
  bool enters_ = true;  // the last entry is a folder: what is in it comes next
  Error failure_ = Error::none;
};

}  // namespace wherry::transfer
