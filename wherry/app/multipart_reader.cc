// SPDX-License-Identifier: MIT
#include "wherry/app/multipart_reader.h"

namespace wherry::app {

using Kind = http::MultipartParser::Event::Kind;

MultipartReader::MultipartReader(Request& request, MutableBytes buffer) noexcept
    : request_(&request), buffer_(buffer) {
  const auto type = request.header("Content-Type");
  const auto boundary = type ? http::multipart_boundary(*type)
                             : Result<std::string_view>(Error::unsupported_media_type);
  if (boundary) {
    parser_.emplace(*boundary, head_);
  } else {
    error_ = boundary.error();
  }
}

// need_input comes out of here only as the end of the body.
coro::Task<MultipartReader::Event> MultipartReader::next_event() {
  co_await Result<>(error_ == Error::none ? Result<>() : Result<>(error_));
  while (true) {
    const Event event = co_await parser_->next(unparsed_);
    if (event.kind != Kind::need_input) co_return event;
    unparsed_ = co_await request_->body().read(buffer_);
    if (unparsed_.empty()) {
      co_await parser_->finish();
      co_return event;
    }
  }
}

coro::Task<Bytes> MultipartReader::read() {
  while (is_in_part_) {
    const Event event = co_await next_event();
    if (event.kind == Kind::data) co_return event.data;
    is_in_part_ = false;  // part_end: a part that the body ends in is bad_form
  }
  co_return Bytes{};
}

coro::Task<const http::PartHead*> MultipartReader::next() {
  while (!(co_await read()).empty()) continue;
  while (true) {
    const Event event = co_await next_event();
    if (event.kind == Kind::need_input) co_return static_cast<const http::PartHead*>(nullptr);
    if (event.kind == Kind::part_begin) {
      is_in_part_ = true;
      co_return &parser_->part();
    }
  }
}

}  // namespace wherry::app
