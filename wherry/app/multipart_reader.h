// SPDX-License-Identifier: MIT
// MultipartReader: the parts of a form, one after the other, as they arrive.
//
//     MultipartReader form(request, buffer);
//     while (const http::PartHead* part = co_await form.next()) {
//       for (Bytes chunk = co_await form.read(); !chunk.empty(); chunk = co_await form.read()) …
//     }
//
// No part is ever held whole: `buffer` is all that there is of the form at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "wherry/app/request.h"
#include "wherry/http/multipart.h"

namespace wherry::app {

class MultipartReader {
 public:
  /// Bytes of the lines that say what a part is; over it: header_too_large.
  static constexpr std::size_t kMaxPartHeadBytes = 1024;

  /// Lifetime: `buffer` (256 bytes or more) outlives the reader.
  MultipartReader(Request& request, MutableBytes buffer) noexcept;
  MultipartReader(const MultipartReader&) = delete;
  MultipartReader& operator=(const MultipartReader&) = delete;

  /// Skips what is left of the current part and goes to the next.
  /// Returns: its head, valid until the following next(); nullptr behind the last part, when the
  /// whole body has been read and was a whole form.
  /// Errors: unsupported_media_type (no form), bad_form, header_too_large; those of Body::read.
  coro::Task<const http::PartHead*> next();

  /// Reads on in the current part.
  /// Returns: some bytes of it, valid until the next call; empty at its end.
  /// Errors: as next().
  coro::Task<Bytes> read();

  coro::Context& context() noexcept { return request_->context(); }

 private:
  using Event = http::MultipartParser::Event;

  coro::Task<Event> next_event();

  Request* request_;
  MutableBytes buffer_;
  Bytes unparsed_;
  std::array<char, kMaxPartHeadBytes> head_;
  Error error_ = Error::none;  // what was wrong with the Content-Type
  bool is_in_part_ = false;
  std::optional<http::MultipartParser> parser_;
};

}  // namespace wherry::app
