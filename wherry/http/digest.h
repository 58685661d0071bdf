// SPDX-License-Identifier: MIT
// Digest fields: what a client says that content must come to, and which digest it would like.
// Knows the algorithms' names and how values are written; not how they are computed, nor of what.
// Keeps: an algorithm that is not known is skipped; a field that is not well formed is never used
// in part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/fixed_string.h"
#include "wherry/base/result.h"
#include "wherry/base/sha256.h"
#include "wherry/http/request_head.h"

namespace wherry::http {

enum class DigestAlgorithm : std::uint8_t { sha256, crc32c };

/// What Content-Digest or Repr-Digest says, of the algorithms that are known here.
struct Digests {
  std::optional<Sha256Value> sha256 = std::nullopt;
  std::optional<std::uint32_t> crc32c = std::nullopt;  // four bytes in network order on the wire

  bool empty() const noexcept { return !sha256 && !crc32c; }
  bool operator==(const Digests&) const = default;
};

/// Adds what `value`, one field line, says to `digests`: the last value of an algorithm counts.
/// Errors: bad_request: not a dictionary, or a known algorithm with another type or size than its
///         own. What is in `digests` then is of no use.
/// Source: RFC 9530 §2, §3, §5; RFC 9651 §3.2.
Result<> read_digests(std::string_view value, Digests& digests) noexcept;

/// The same, for all fields of that name (`Repr-Digest`, `Content-Digest`).
Result<Digests> read_digests(const RequestHead& head, std::string_view name) noexcept;

/// Returns: the known algorithm that the fields of that name (`Want-Repr-Digest`,
/// `Want-Content-Digest`) like best, sha-256 where two are liked as much; none when no known one is
/// named, or all of them with 0, or when the field is malformed: a wish, which may be ignored.
/// Source: RFC 9530 §4.
std::optional<DigestAlgorithm> wanted_digest(const RequestHead& head,
                                             std::string_view name) noexcept;

/// `sha-256=:` and 44 characters of base64 and `:`
inline constexpr std::size_t kMaxDigestFieldSize = 9 + 44 + 1;
using DigestField = FixedString<kMaxDigestFieldSize>;

/// Returns: the value of a Repr-Digest or Content-Digest that says this one digest.
/// Source: RFC 9530 §3.
DigestField digest_field(const Sha256Value& sha256) noexcept;
DigestField digest_field(std::uint32_t crc32c) noexcept;

}  // namespace wherry::http
