// SPDX-License-Identifier: MIT
// Which names a stored file may have: one rule for every back end, asked before any of them looks
// at a medium. Knows no file system.
// Invariant: a path that passes names the same file everywhere, and none above the root.
#pragma once

#include <cstddef>
#include <string_view>

#include "wherry/base/result.h"

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

}  // namespace wherry::storage
