// SPDX-License-Identifier: MIT
// A response on its way out: its head, and its body from wherever that comes.
#include <algorithm>

#include "wherry/app/cors.h"
#include "wherry/app/session.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/chunked.h"
#include "wherry/http/date.h"
#include "wherry/http/response_head.h"

namespace wherry::app {
namespace {

// A file up to this size goes out together with the head, in one packet if it fits.
constexpr std::size_t kSmallFile = 4096;

// RFC 9110 §8.6, §15.3.5, §15.4.5: these never have a body, nor a length.
bool has_no_content(std::uint16_t status) noexcept {
  return status == 204 || status == 304 || status < 200;
}

bool is_sent_in_chunks(Request& request, Response& response) noexcept {
  return !response.size() && request.head().version_minor() > 0;
}

}  // namespace

Result<Bytes> write_head(Session& session, Request& request, Response& response,
                         bool closes) noexcept {
  response.reserve_head();
  if (response.failure() != Error::none) return response.failure();
  http::ResponseHead head(std::as_writable_bytes(response.head_memory()), response.status());
  // RFC 9110 §6.6.1: an origin server with a clock sends Date, one without does not.
  if (const auto now = session.loop().unix_time_s()) head.field("Date", http::http_date(*now));
  if (!has_no_content(response.status())) {
    if (!response.content_type().empty()) head.field("Content-Type", response.content_type());
    if (response.size()) {
      head.field("Content-Length", *response.size());
    } else if (is_sent_in_chunks(request, response)) {
      head.field("Transfer-Encoding", "chunked");
    }
  }
  for (const auto* field = response.first_field(); field != nullptr; field = field->next) {
    head.field(field->name, field->value);
  }
  if (const Cors* cors = request.services().cors) cors->add_fields(request, head);
  const bool is_old = request.head().version_minor() == 0;
  if (closes) {
    head.field("Connection", "close");
  } else if (is_old) {
    head.field("Connection", "keep-alive");
  }
  const Result<Bytes> written = head.finish();
  const Response::Parts* parts = response.parts();
  if (!written || parts == nullptr) return written;
  TextWriter rest(response.head_memory().subspan(written->size()));
  parts->framing.append_head(parts->ranges.front(), true, rest);
  if (rest.overflowed()) return Error::no_memory;
  return as_bytes({response.head_memory().data(), written->size() + rest.size()});
}

std::optional<Bytes> body_at_hand(Request& request, Response& response) noexcept {
  const Response::Content& content = *response.content();
  if (request.method() == http::Method::head || has_no_content(response.status()) ||
      std::holds_alternative<std::monostate>(content)) {
    return Bytes{};
  }
  const auto* bytes = std::get_if<Bytes>(&content);
  return bytes != nullptr ? std::optional(*bytes) : std::nullopt;
}

namespace {

coro::Task<std::uint64_t> send_large_file(Session& session, Bytes head, Response::FileBody& body) {
  const http::ByteRange range = body.range;
  // Made before the head goes out: where there is no memory for it, the client can still be told.
  coro::Task<> sending =
      body.file.send_to(*session.scope, *session.connection, range.first, range.size);
  if (sending.status() != Error::none) co_return sending.status();
  co_await session.connection->write(head, {}, true);
  co_await std::move(sending);
  co_return range.size;
}

coro::Task<std::uint64_t> send_small_file(Session& session, Bytes head, Response::FileBody& body) {
  const http::ByteRange range = body.range;
  std::uint64_t sent = 0;
  while (sent < range.size) {
    const auto wanted = static_cast<std::size_t>(range.size - sent);
    const Bytes part = co_await body.file.read(range.first + sent, wanted);
    if (part.empty()) co_return Error::disk_failed;  // it has become shorter
    co_await session.connection->write(std::exchange(head, {}), part);
    sent += part.size();
  }
  if (!head.empty()) co_await session.connection->write(head);
  co_return sent;
}

/// Waits for the next chunk of a generator of either kind.
class NextChunk {
  using Next = coro::AsyncGenerator<Bytes>::Next;

 public:
  explicit NextChunk(Response::Content& content) noexcept {
    if (auto* generator = std::get_if<coro::Generator<Bytes>>(&content)) {
      chunk_ = generator->next();
    } else {
      next_.emplace(std::get_if<coro::AsyncGenerator<Bytes>>(&content)->next());
    }
  }
  bool start(coro::Waiter& waiter) noexcept { return !next_ || next_->start(waiter); }
  Error status() const noexcept { return next_ ? next_->status() : Error::none; }
  std::optional<Bytes> take() noexcept { return next_ ? next_->take() : chunk_; }

 private:
  std::optional<Bytes> chunk_;
  std::optional<Next> next_;
};

/// Sends what a generator makes, of which `size` bytes were promised.
coro::Task<std::uint64_t> send_sized(Session& session, Bytes head, Response::Content& content,
                                     std::uint64_t size) {
  std::uint64_t left = size;
  while (left > 0) {
    const std::optional<Bytes> chunk = co_await NextChunk(content);
    if (!chunk) co_return Error::internal;  // it made less than it promised
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, chunk->size()));
    left -= wanted;
    const bool is_followed = left > 0 && std::holds_alternative<coro::Generator<Bytes>>(content);
    co_await session.connection->write(std::exchange(head, {}), chunk->first(wanted), is_followed);
  }
  if (!head.empty()) co_await session.connection->write(head);
  co_return size;
}

/// Sends all that a generator makes: in chunks, or up to the end of the connection (HTTP/1.0).
coro::Task<std::uint64_t> send_unsized(Session& session, Bytes head, Response::Content& content,
                                       bool is_chunked) {
  co_await session.connection->write(head);
  std::uint64_t sent = 0;
  while (true) {
    const std::optional<Bytes> chunk = co_await NextChunk(content);
    if (!chunk) break;
    if (chunk->empty()) continue;  // an empty chunk would end the body
    if (is_chunked) {
      const auto size_line = http::chunk_head(chunk->size());
      co_await session.connection->write(as_bytes(size_line), *chunk);
      co_await session.connection->write(as_bytes(http::kChunkEnd));
    } else {
      co_await session.connection->write(*chunk);
    }
    sent += chunk->size();
  }
  if (is_chunked) co_await session.connection->write(as_bytes(http::kLastChunk));
  co_return sent;
}

/// Sends one range of several, behind `head`.
coro::Task<std::uint64_t> send_part(Session& session, Request& request, Response& response,
                                    http::ByteRange range, Bytes head) noexcept {
  Response::Content& content = *response.content();
  const Response::Parts& parts = *response.parts();
  if (auto* file = std::get_if<Response::FileBody>(&content)) {
    file->range = range;
    // All in the same way: what takes no more memory than the first does not lack it later.
    const bool is_large = std::ranges::any_of(
        parts.ranges, [](const http::ByteRange& part) { return part.size > kSmallFile; });
    return is_large ? send_large_file(session, head, *file) : send_small_file(session, head, *file);
  }
  if (range != parts.ranges.front()) {
    content.emplace<std::monostate>();  // gives its frame back before the next takes one
    content.emplace<coro::Generator<Bytes>>(parts.source->generate(request, range));
  }
  return send_sized(session, head, content, range.size);
}

/// Sends all ranges. The heads of the parts behind the first stand where the reply's stood.
coro::Task<std::uint64_t> send_parts(Session& session, Request& request, Response& response,
                                     Bytes head) {
  const Response::Parts& parts = *response.parts();
  co_await send_part(session, request, response, parts.ranges.front(), head);
  for (const http::ByteRange range : parts.ranges.subspan(1)) {
    TextWriter part_head(response.head_memory());
    parts.framing.append_head(range, false, part_head);
    co_await send_part(session, request, response, range, as_bytes(part_head.view()));
  }
  TextWriter end(response.head_memory());
  parts.framing.append_end(end);
  co_await session.connection->write(as_bytes(end.view()));
  co_return *response.size();
}

}  // namespace

coro::Task<std::uint64_t> send_response(Session& session, Request& request, Response& response,
                                        Bytes head) noexcept {
  if (response.parts() != nullptr) return send_parts(session, request, response, head);
  Response::Content& content = *response.content();
  if (auto* file = std::get_if<Response::FileBody>(&content)) {
    return file->range.size > kSmallFile ? send_large_file(session, head, *file)
                                         : send_small_file(session, head, *file);
  }
  return response.size()
             ? send_sized(session, head, content, *response.size())
             : send_unsized(session, head, content, is_sent_in_chunks(request, response));
}

}  // namespace wherry::app
