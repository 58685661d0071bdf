// SPDX-License-Identifier: MIT
// What is known of a file beside its bytes: its version and its checksum. They lie in an attribute
// of the file, which littlefs writes in one step with the file itself, and takes along when the
// file is renamed: so they are those of its bytes, whenever the power goes.
//
// Another hand may have written the file since, who left the attribute as it was. So that tells
// which bytes it is of: how many, and in which block the last of them lies (a file that is written
// anew gets other blocks), or for a file that lies in its folder's block the bytes' own checksum.
// What does not fit is not believed: version and checksum are unknown then.
#pragma once

#include "wherry/storage/file.h"
#include "wherry/storage/littlefs/file_system.h"

namespace wherry::storage::littlefs {

/// Opens a file to be read. `config`: with its buffer. Sets `info`.
/// Returns: littlefs's code.
int open_known(FileSystem& files, lfs::File& file, lfs::FileConfig& config, const char* path,
               FileInfo& info) noexcept;

/// Closes a file that was written, which makes it durable with what `info` says of it.
/// Returns: littlefs's code; the file is closed in any case.
int close_known(FileSystem& files, lfs::File& file, lfs::FileConfig& config,
                const FileInfo& info) noexcept;

}  // namespace wherry::storage::littlefs
