// SPDX-License-Identifier: MIT
// StagingFile: a file on its way to its name, as the disk sees it. Every call may wait for the
// disk: only disk threads make them, one at a time. Knows no coroutine and no loop.
//
// The file lies in a staging folder under a name that nobody can guess, locked, so that a sweep by
// another process leaves it alone while this one lives.
// Invariant: from a successful create until commit or discard there is exactly one such file.
#pragma once

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
#include "wherry/storage/storage.h"

namespace wherry::storage::posix {

class StagingFile {
 public:
  /// Remembers where the file will be: `path`, which passed check_path.
  explicit StagingFile(std::string_view path) noexcept;
  StagingFile(const StagingFile&) = delete;
  StagingFile& operator=(const StagingFile&) = delete;

  /// Looks whether the path can be written, and makes the file where it is staged.
  /// Errors: those of Storage::create but busy for want of a slot.
  Result<> create(const Root& root, std::optional<std::uint64_t> expected_size) noexcept;

  /// Writes `bytes` after what was written before. After an error the file is only good for
  /// discard. `more_follows`: the medium may start on them now.
  /// Errors: no_space, disk_failed.
  Result<> append(const Root& root, Bytes bytes, bool more_follows) noexcept;

  /// Makes the file visible under its path, whole, and durable as far as the root asks for, if
  /// what stands there is what the options expect. On failure nothing remains of it.
  /// Errors: those of StagedFile::commit.
  Result<Committed> commit(const Root& root, const CommitOptions& options) noexcept;

  /// Removes the file, if there is one.
  void discard(const Root& root) noexcept;

  bool exists() const noexcept { return static_cast<bool>(file_); }

 private:
  std::string_view path() const noexcept { return {path_, path_size_}; }
  std::string_view leaf() const noexcept { return leaf_of(path()); }
  int staging(const Root& root) const noexcept {
    return other_staging_ ? other_staging_.get() : root.staging();
  }

  Result<> choose_staging(const Root& root, int folder) noexcept;
  Result<> check_space(const Root& root, std::uint64_t expected_size) noexcept;
  Result<> make_file(const Root& root) noexcept;
  Result<> stamp(std::optional<std::uint32_t> crc32) noexcept;
  void take_group_of(int folder) noexcept;
  Result<Committed> give_name(const Root& root, const Expected& expected,
                              MadeFolders& made) noexcept;
  Result<Committed> move_to(const Root& root, int folder, const Expected& expected,
                            Standing& old) noexcept;

  Fd file_;
  Fd other_staging_;  // on a mount that is not the root's
  std::uint64_t written_ = 0;
  std::uint64_t version_ = 0;
  std::uint16_t path_size_;
  RandomName name_;
  char path_[kMaxPathBytes];
};

}  // namespace wherry::storage::posix
