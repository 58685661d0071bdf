// SPDX-License-Identifier: MIT
#include "wherry/app/request.h"

#include <algorithm>

#include "wherry/http/cookie.h"
#include "wherry/http/media_type.h"

namespace wherry::app {

Request::Request(coro::Context& context, net::Connection& connection, Input& input,
                 const Services& services, const http::RequestHead& head, http::Target target,
                 http::BodyFraming framing, bool expects_continue) noexcept
    : context_(&context),
      connection_(&connection),
      services_(&services),
      head_(head),
      target_(target),
      scratch_(context.arena()),
      body_(context, connection, input, *services.limits, framing, expects_continue) {}

Result<std::optional<std::string_view>> Request::query(std::string_view name) noexcept {
  if (target_.query.empty()) return std::optional<std::string_view>();
  const auto memory = scratch_.text(target_.query.size());
  if (!memory) return memory.error();
  return http::query_value(target_.query, name, *memory);
}

Result<http::FormReader> Request::query_fields() noexcept {
  const auto memory = scratch_.text(target_.query.size());
  if (!memory) return memory.error();
  return http::FormReader(target_.query, *memory);
}

std::string_view Request::peer() noexcept {
  constexpr std::size_t kSize = net::Connection::kPeerBytes;
  const auto memory = scratch_.text(kSize);
  return memory ? connection_->peer(memory->first<kSize>()) : std::string_view();
}

std::optional<std::string_view> Request::cookie(std::string_view name) const noexcept {
  return http::find_cookie(head_, name);
}

coro::Task<std::string_view> Request::text() {
  const std::size_t limit = limits().max_body_length;
  const std::uint64_t declared = body_.content_length().value_or(limit);
  if (declared > limit) co_return Error::content_too_large;
  // One byte more than is allowed, to see a body in chunks that goes on past it.
  const auto memory = co_await scratch_.text(static_cast<std::size_t>(declared) + 1);
  std::size_t size = 0;
  while (true) {
    const auto rest = memory.subspan(size);
    if (rest.empty()) co_return Error::content_too_large;
    const Bytes chunk =
        co_await body_.read({reinterpret_cast<std::byte*>(rest.data()), rest.size()});
    if (chunk.empty()) break;
    size += chunk.size();
  }
  co_return std::string_view(memory.data(), size);
}

coro::Task<JsonView> Request::json() {
  const std::string_view content = co_await text();
  const auto memory = co_await scratch_.text(JsonView::memory_for(content.size()));
  co_return JsonView::parse(content, memory);
}

coro::Task<http::FormReader> Request::form() {
  const std::string_view type = header("Content-Type").value_or("");
  if (!http::media_type_is(type, "application/x-www-form-urlencoded")) {
    co_return Error::unsupported_media_type;
  }
  const std::string_view content = co_await text();
  const auto memory = co_await scratch_.text(std::max<std::size_t>(content.size(), 1));
  co_return http::FormReader(content, memory);
}

}  // namespace wherry::app
