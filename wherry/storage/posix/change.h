// SPDX-License-Identifier: MIT
// Removing and moving what has a name, as the disk sees it. Every call may wait for the disk: only
// disk threads make them. Know no coroutine and no loop.
// Invariant: what a name stands for is looked at and changed under name_lock(), and nothing else is
// done there; no link is followed in the last segment of a path.
#pragma once

#include <string_view>

#include "wherry/base/result.h"
#include "wherry/storage/posix/removed_tree.h"
#include "wherry/storage/posix/root.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::posix {

/// Removes `path`, which passed check_path. A folder that was not empty becomes `tree`: it has
/// disappeared, durably, but is still to be deleted.
/// Errors: those of Storage::remove but busy for want of a slot.
Result<> remove_name(const Root& root, std::string_view path, const RemoveOptions& options,
                     RemovedTree& tree) noexcept;

/// Gives `from` the name `to`. Both passed check_path.
/// Errors: those of Storage::move but busy for want of a slot.
Result<> move_name(const Root& root, std::string_view from, std::string_view to,
                   const MoveOptions& options) noexcept;

}  // namespace wherry::storage::posix
