// SPDX-License-Identifier: MIT
// Which names a stored file may have: one rule for every back end, asked before any of them looks
// at a medium. Knows no file system.
// Invariant: a path that passes names the same file everywhere, and none above the root.
#pragma once

#include <cstddef>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/storage/file.h"

namespace wherry::storage {

inline constexpr std::size_t kMaxPathBytes = 1024;
inline constexpr std::size_t kMaxSegmentBytes = 255;  // NAME_MAX of the usual file systems

/// The folder in a storage's root that belongs to the storage itself: no path may lead into it.
inline constexpr std::string_view kPrivateFolder = ".wherry";

/// Says whether `path` (relative, percent-decoded once) may name a file.
/// Errors: bad_path for: an empty path; more than kMaxPathBytes; invalid UTF-8; NUL, a control
/// character (C0, DEL, C1) or `\`; a segment that is empty (so also a slash at either end), `.`,
/// `..` or longer than kMaxSegmentBytes; a segment that some file system takes for kPrivateFolder.
Result<> check_path(std::string_view path) noexcept;

/// Whether `folder` (empty: the root) is a folder on the way to `path`.
bool lies_below(std::string_view path, std::string_view folder) noexcept;

/// The folder of Scope::uploads, from the root on. Its files have names of 1 to kMaxUploadNameBytes
/// characters out of 0-9, a-z, '.' and '-', of which the first is no dot.
inline constexpr std::string_view kUploadsFolder = ".wherry/uploads";
inline constexpr std::size_t kMaxUploadNameBytes = 40;

/// Says whether `path` may name a file in `scope`. Errors: bad_path.
Result<> check_path(Scope scope, std::string_view path) noexcept;
/// The same for a folder: the root is the empty path, or kUploadsFolder.
Result<> check_folder_path(Scope scope, std::string_view path) noexcept;

}  // namespace wherry::storage
