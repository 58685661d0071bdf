// SPDX-License-Identifier: MIT
// Representation: what a GET would send, and what a request's conditions and ranges make of that.
// Knows validators, ranges and digests; not whether the bytes are stored or made.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/app/response.h"
#include "wherry/http/digest.h"
#include "wherry/http/precondition.h"

namespace wherry::app {

/// Lifetime: its texts live until the reply has been made, `type` and `digest` until it was sent.
struct Representation {
  std::uint64_t size = 0;
  std::string_view type = {};
  http::Validators validators = {};
  std::optional<std::uint32_t> crc32 = std::nullopt;
  std::string_view digest = {};  // the value of its Repr-Digest; empty: none was asked for
};

/// A reply to a GET or HEAD: 200 or 206, 304, 412 or 416, with its fields.
struct Selection {
  Response response;
  /// What is to be sent first; its content is still to be set. None: the reply is whole already.
  std::optional<http::ByteRange> range = std::nullopt;
};

/// Judges the request's preconditions, and what it wants of the representation. `source`: who makes
/// its bytes; nullptr for a file.
/// Source: RFC 9110 §13.2.2, §14.2, §15.3.7, §15.4.5.
Selection select(Request& request, const Representation& representation,
                 const Seekable* source) noexcept;

/// Returns: the digest that the reply is to tell; none where the client asked for none, or is not
/// sent the representation.  Source: RFC 9530 §4.
std::optional<http::DigestAlgorithm> digest_to_tell(Request& request,
                                                    const http::Validators& validators) noexcept;

/// What all bytes of a representation come to.
struct Digest {
  std::string_view field;  // the value of its Repr-Digest, in request memory
  std::uint32_t crc32;
};

/// Reads all of `file`, or makes all bytes of `source`, giving others their turns.
/// Errors: no_memory; disk_failed; internal (`source` made less than it promised).
coro::Task<Digest> digest_of(Request& request, storage::File& file,
                             http::DigestAlgorithm algorithm) noexcept;
coro::Task<Digest> digest_of(Request& request, const Seekable& source, std::uint64_t size,
                             http::DigestAlgorithm algorithm) noexcept;

/// Copies a text into request memory; without room for it, the response lacks memory.
std::string_view keep(Request& request, Response& response, std::string_view text) noexcept;

}  // namespace wherry::app
