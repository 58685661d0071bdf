// SPDX-License-Identifier: MIT
#include "wherry/app/multipart_reader.h"

namespace wherry::app {

using Kind = http::MultipartParser::Event::Kind;

MultipartReader::MultipartReader(Request& request, BodyObserver* observer) noexcept
    : request_(&request), observer_(observer) {
  const auto type = request.header("Content-Type");
  const auto boundary = type ? http::multipart_boundary(*type)
                             : Result<std::string_view>(Error::unsupported_media_type);
  if (!boundary) {
    error_ = boundary.error();
    return;
  }
  const auto head = request.scratch().text(request.limits().max_part_head_bytes);
  if (!head) {
    error_ = head.error();
    return;
  }
  parser_.emplace(*boundary, *head);
}

/// need_input: more(), with the next bytes of the body, unless is_finished_.
Result<MultipartReader::Event> MultipartReader::parse() noexcept {
  if (!parser_) return error_;
  return parser_->next(unparsed_);
}

Result<> MultipartReader::more(Bytes bytes) noexcept {
  unparsed_ = bytes;
  if (observer_ != nullptr) observer_->update(bytes);
  if (!bytes.empty()) return {};
  const Result<> whole = parser_->finish();
  is_finished_ = whole.has_value();
  return whole;
}

coro::Task<Bytes> MultipartReader::read() {
  while (is_in_part_) {
    const Event event = co_await parse();
    if (event.kind == Kind::data) co_return event.data;
    if (event.kind == Kind::need_input) {
      co_await more(co_await request_->body().next());
    } else {
      is_in_part_ = false;
    }
  }
  co_return Bytes{};
}

coro::Task<const http::PartHead*> MultipartReader::next() {
  is_in_part_ = false;
  while (!is_finished_) {
    const Event event = co_await parse();
    if (event.kind == Kind::need_input) {
      co_await more(co_await request_->body().next());
    } else if (event.kind == Kind::part_begin) {
      is_in_part_ = true;
      co_return &parser_->part();
    }
  }
  co_return static_cast<const http::PartHead*>(nullptr);
}

}  // namespace wherry::app
