// SPDX-License-Identifier: MIT
// MultipartReader: the parts of a form, one after the other, as they arrive.
//
//     MultipartReader form(request);
//     while (const http::PartHead* part = co_await form.next()) {
//       while (true) {
//         const Bytes chunk = co_await form.read();
//         if (chunk.empty()) break;
//       }
//     }
//
// No part is ever held whole: the connection's buffer is all that there is of the form at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "wherry/app/request.h"
#include "wherry/http/multipart.h"

namespace wherry::app {

/// Sees a body as it comes.
class BodyObserver {
 public:
  virtual void update(Bytes bytes) noexcept = 0;

 protected:
  ~BodyObserver() = default;
};

class MultipartReader {
 public:
  /// `observer` (nullptr: none) is shown each byte of the body, the lines between the parts too.
  /// Memory: limits.max_part_head_bytes of the request's, for the head of a part.
  /// Lifetime: `observer` outlives the reader.
  explicit MultipartReader(Request& request, BodyObserver* observer = nullptr) noexcept;
  MultipartReader(const MultipartReader&) = delete;
  MultipartReader& operator=(const MultipartReader&) = delete;

  /// Skips what is left of the current part and goes to the next.
  /// Returns: its head, valid until the following next(); nullptr behind the last part, when the
  /// whole body has been read and was a whole form.
  /// Errors: unsupported_media_type (no form), bad_form, header_too_large, no_memory; those of
  /// Body::read.
  coro::Task<const http::PartHead*> next();

  /// Reads on in the current part.
  /// Returns: some bytes of it, valid until the next call; empty at its end.
  /// Errors: as next().
  coro::Task<Bytes> read();

  coro::Context& context() noexcept { return request_->context(); }

 private:
  using Event = http::MultipartParser::Event;

  Result<Event> parse() noexcept;
  Result<> more(Bytes bytes) noexcept;

  Request* request_;
  BodyObserver* observer_;
  Bytes unparsed_;
  Error error_ = Error::none;  // why there is no parser
  bool is_in_part_ = false;
  bool is_finished_ = false;
  std::optional<http::MultipartParser> parser_;
};

}  // namespace wherry::app
