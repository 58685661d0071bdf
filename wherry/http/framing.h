// SPDX-License-Identifier: MIT
// What the fields of a request say about the connection: where its body ends, whether the
// connection goes on, whether the client waits. It must not know targets, resources or limits.
// Invariant: a request whose framing two parties could read in two ways is refused, never guessed
// at: that is what request smuggling lives on.
#pragma once

#include <cstdint>

#include "wherry/base/result.h"
#include "wherry/http/request_head.h"

namespace wherry::http {

struct BodyFraming {
  enum class Kind : std::uint8_t {
    none,    // no body: the next request follows the head
    length,  // `length` bytes, which may be 0
    chunked  // see chunked.h
  };
  Kind kind = Kind::none;
  std::uint64_t length = 0;  // bytes; 0 unless kind is `length`
};

/// Errors: malformed (Content-Length with Transfer-Encoding, twice, as a list, not 1*DIGIT, over 64
/// bits; Transfer-Encoding in HTTP/1.0, empty, without `chunked` as its last coding or with it
/// twice), not_implemented (another coding before the last `chunked`).
/// Source: RFC 9112 §6.1, §6.2, §6.3; RFC 9110 §8.6.
Result<BodyFraming> body_framing(const RequestHead& head) noexcept;

/// Errors: malformed: HTTP/1.1 without Host, any version with two, or one that is not host:port.
/// Source: RFC 9112 §3.2.
Result<> check_host(const RequestHead& head) noexcept;

/// Returns: whether the client wants to use the connection for another request.
/// Source: RFC 9112 §9.3.
bool keeps_alive(const RequestHead& head) noexcept;

/// Returns: whether the client waits for `100 Continue` before it sends the body. Never for
/// HTTP/1.0, whose expectations are ignored.
/// Errors: expectation_failed (417): an expectation other than 100-continue.
/// Source: RFC 9110 §10.1.1.
Result<bool> expects_continue(const RequestHead& head) noexcept;

}  // namespace wherry::http
