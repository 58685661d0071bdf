// SPDX-License-Identifier: MIT
// Trash: folders that were removed with all that is in them: each has been given a name in the
// private folder, `.wherry/~rNUMBER`, in one step, and is removed there entry by entry, later.
// Needs no memory for the depth of a folder: one in it that is not empty becomes trash itself.
#pragma once

#include <cstdint>
#include <optional>

#include "wherry/base/result.h"
#include "wherry/storage/littlefs/names.h"

namespace wherry::storage::littlefs {

/// Makes the folder `path` trash. `number`: of the next name; is counted on.
/// Errors: conflict, no_space, disk_failed.
Error throw_away(FileSystem& files, const char* path, std::uint32_t& number) noexcept;

bool has_trash(FileSystem& files) noexcept;

/// Removes one entry, or makes it removable: two or three writes.
/// Returns: the blocks that it had; none: there is no trash.  Errors: no_space, disk_failed.
/// Memory: 600 bytes of stack.
Result<std::optional<std::uint32_t>> empty_a_little(FileSystem& files,
                                                    std::uint32_t& number) noexcept;

}  // namespace wherry::storage::littlefs
