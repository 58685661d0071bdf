// SPDX-License-Identifier: MIT
// StagingFile: a file on its way to its name, as the disk sees it. Every call may wait for the
// disk: only disk threads make them, one at a time; of a file that lives in memory a loop may, as
// long as they are about few bytes. Knows no coroutine and no loop.
//
// The file lies in a staging folder under a name that nobody else uses. A sweep by another process
// leaves it alone while this one lives: in the root's own staging folder, which the root has
// locked, by its name; in that of another mount, because the file is locked. Or it lies in the
// folder of the uploads under a name of its own and is gone on with: locked, so that nobody else
// does; discard lets go of it, and leaves it there. Invariant: from a successful create until
// commit or discard there is exactly one such file.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/storage/path.h"
#include "wherry/storage/posix/folders.h"
#include "wherry/storage/posix/names.h"
#include "wherry/storage/posix/root.h"
#include "wherry/storage/posix/waiting.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::posix {

class StagingFile {
 public:
  /// Remembers where the file will be: `path`, which passed check_path.
  /// `long_path`: kMaxPathBytes, for a path that is not short.  Lifetime: this one's.
  StagingFile(std::string_view path, char* long_path) noexcept;
  StagingFile(const StagingFile&) = delete;
  StagingFile& operator=(const StagingFile&) = delete;

  /// Looks whether the path can be written, and makes the file where it is staged, but for a trial.
  /// Returns: would_wait only where waiting is forbidden: for what does not live in memory, and for
  /// a trial.
  /// Errors: those of Storage::create but busy for want of a slot.
  Result<Progress> create(const Root& root, const CreateOptions& options, Waiting waiting) noexcept;

  /// Opens the upload that lies under the path, and cuts off what is behind its first `size` bytes;
  /// 0: makes it where it is missing. `expected_size`: that it will have.
  /// Errors: those of Storage::create but busy for want of a slot.
  Result<> resume(const Root& root, std::uint64_t size,
                  std::optional<std::uint64_t> expected_size) noexcept;

  /// Writes `bytes` after what was written before. After an error the file is only good for
  /// discard. `more_follows`: the medium may start on them now.
  /// Errors: no_space, disk_failed.
  Result<> append(const Root& root, Bytes bytes, bool more_follows) noexcept;

  /// Makes what was appended durable, as far as the root asks for.
  /// Errors: no_space, disk_failed.
  Result<> sync(const Root& root) noexcept;

  /// Has the commit make the file visible under `path`, which passed check_path, and no longer
  /// under the one that it was made with. Waits for nothing.
  void set_target(std::string_view path) noexcept;

  /// Makes the file visible under its path, whole, and durable as far as the root asks for, if
  /// what stands there is what the options expect. On failure it is discarded.
  /// Errors: those of StagedFile::commit.
  Result<Committed> commit(const Root& root, const CommitOptions& options) noexcept;

  /// Of the file that the commit replaced, the bytes that are freed by release(), or by the end.
  std::uint64_t replaced_bytes() const noexcept { return replaced_ ? replaced_bytes_ : 0; }
  void release() noexcept { replaced_.reset(); }

  /// Removes the file, if there is one; an upload stays, for who goes on with it.
  void discard(const Root& root) noexcept;

  bool exists() const noexcept { return static_cast<bool>(file_); }
  std::uint64_t written_bytes() const noexcept { return written_; }

 private:
  // Most paths are short, and a page of memory that only a long one needs stays untouched.
  std::string_view path() const noexcept {
    return {path_size_ <= sizeof(short_path_) ? short_path_ : long_path_, path_size_};
  }
  void set_path(std::string_view path) noexcept;
  std::string_view leaf() const noexcept { return leaf_of(path()); }
  /// The folder that the file lies in until its commit.
  int staging(const Root& root) const noexcept {
    if (is_upload_) return root.uploads();
    return other_staging_ ? other_staging_.get() : root.staging();
  }

  Result<> check_target(const Root& root) noexcept;
  bool is_still_there(const Root& root) const noexcept;
  Result<> open_upload(const Root& root, bool may_make) noexcept;
  Result<> choose_staging(const Root& root, int folder) noexcept;
  Result<> check_space(const Root& root, std::uint64_t expected_size) noexcept;
  Result<> make_file(const Root& root) noexcept;
  Result<> stamp(std::optional<std::uint32_t> crc32) noexcept;
  void take_group_of(const struct stat& folder) noexcept;
  Result<> look_at_place(const Place& place) noexcept;
  Result<Committed> give_name(const Root& root, const Expected& expected,
                              MadeFolders& made) noexcept;
  Result<Committed> move_to(const Root& root, int folder, const Expected& expected,
                            Standing& old) noexcept;
  bool make_names_durable(const Root& root, const Fd& folder) const noexcept;

  Fd file_;
  Fd other_staging_;  // on a mount that is not the root's
  std::uint64_t written_ = 0;
  std::uint64_t begun_ = 0;  // of these, what the disk has been asked to start on
  std::uint64_t version_ = 0;
  Fd replaced_;  // while it is open, nothing of it is freed
  std::uint64_t replaced_bytes_ = 0;
  bool is_upload_ = false;        // stays where it is, unless it is committed
  bool has_target_ = false;       // the path is not the one that was looked at when it was made
  bool is_name_durable_ = false;  // of an upload: its folder was synchronised since it was made
  bool replaces_ = false;         // a file stood there when it was last looked at
  bool has_group_ = false;        // that of the folder where it will be
  std::uint16_t path_size_;
  char name_[std::max(sizeof(RandomName), kMaxUploadNameBytes + 1)];  // in staging()
  char short_path_[71];
  char* long_path_;
};

}  // namespace wherry::storage::posix
