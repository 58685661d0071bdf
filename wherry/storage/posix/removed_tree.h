// SPDX-License-Identifier: MIT
// RemovedTree: a folder that has been removed, that is, lies in a staging folder under a name that
// nobody can guess, until all that is in it has been deleted. Every call may wait for the disk.
//
// How a tree of any depth goes in fixed memory: a folder that is found two levels below the top is
// renamed to lie beside its parent, in the top. So at any time two folders are open, and each
// folder is renamed once at most. No state but the name: whoever finds it (the same server, the
// sweep of the next) goes on. Invariant: no link is followed and no mount is crossed; what denies
// its deletion stays where it is.
#pragma once

#include <cstdint>

#include "wherry/storage/posix/fd.h"

namespace wherry::storage::posix {

class RemovedTree {
 public:
  RemovedTree() = default;

  /// Begins with `name` in the folder `staging`, which it owns from now.
  void set(Fd staging, const char* name) noexcept;
  const Fd& staging() const noexcept { return staging_; }
  bool exists() const noexcept { return static_cast<bool>(staging_); }

  /// Deletes for about kSliceMs. Does nothing where there is none.
  /// Returns: whether more is left that can be deleted.
  bool delete_some() noexcept;

  static constexpr std::int64_t kSliceMs = 20;

 private:
  class Slice;

  Fd staging_;
  char name_[256];
};

/// Renames `leaf` in `folder` into `staging`, in one step, and makes it `tree`.
/// Returns: whether it did; else errno says why.
bool move_to_staging(int folder, const char* leaf, Fd staging, RemovedTree& tree) noexcept;

}  // namespace wherry::storage::posix
