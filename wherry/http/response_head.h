// SPDX-License-Identifier: MIT
// Writes the head of a response into the caller's memory. It must not know which fields a response
// needs, nor when it is sent.
// Invariant: what finish() returns is one well-formed head: no text that it was given, whatever is
// in it, adds a line or ends the head early (response splitting).
#pragma once

#include <cstdint>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/base/text_writer.h"

namespace wherry::http {

/// What tells a client that waits with its body to send it (RFC 9110 §15.2.1).
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// Status line, then fields in the order of the calls, then finish().
/// Lifetime: `into` outlives the object; the finished head is in it.  Memory: none.
class ResponseHead {
 public:
  /// Writes the status line, always as HTTP/1.1; `status` has three digits.
  /// Source: RFC 9112 §4; RFC 9110 §2.5.
  ResponseHead(MutableBytes into, std::uint16_t status) noexcept;

  /// A name that is not a token, or a value with control bytes other than tabs (CR, LF and NUL
  /// among them), is not written, and finish() fails.
  ResponseHead& field(std::string_view name, std::string_view value) noexcept;

  ResponseHead& field(std::string_view name, std::uint64_t value) noexcept;

  /// Ends the head; the last call.
  /// Returns: the head, its blank line included.
  /// Errors: internal (a field was refused), no_memory (it did not fit).
  Result<Bytes> finish() noexcept;

 private:
  TextWriter writer_;
  bool refused_ = false;
};

}  // namespace wherry::http
