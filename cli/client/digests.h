// SPDX-License-Identifier: MIT
// What a server's digest fields say, compared with a file of this machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/client/field.h"
#include "cli/client/local_file.h"
#include "wherry/base/bytes.h"

namespace wherry::cli {

/// What a client that wants to compare asks for: the cheaper first.  Source: RFC 9530 §4.
inline constexpr const char* kWantDigest = "Want-Repr-Digest: crc32c=9, sha-256=1";

/// Whether `file`, or `bytes`, is what `repr_digest` says; nothing where that says nothing that is
/// known here, or the file cannot be read. Source: RFC 9530 §3.
std::optional<bool> has_digest(const LocalFile& file, std::string_view repr_digest);
std::optional<bool> has_digest(Bytes bytes, std::string_view repr_digest);

/// Whether a representation with this head is `file`, whose CRC-32 is `crc32`: by what the head
/// says; nothing where it says no checksum.
std::optional<bool> is_same_by(const ReplyHead& head, const LocalFile& file, std::uint32_t crc32);

}  // namespace wherry::cli
