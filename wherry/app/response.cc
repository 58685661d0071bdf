// SPDX-License-Identifier: MIT
#include "wherry/app/response.h"

#include <algorithm>
#include <cstring>

namespace wherry::app {

Response::Response(Request& request, std::uint16_t status) noexcept {
  Scratch& scratch = request.scratch();
  if (void* memory = scratch.take(sizeof(Said))) {
    said_.reset(new (memory) Said{.scratch = &scratch,
                                  .status = status,
                                  .added_head_bytes = request.services().added_head_bytes});
  }
  if (const ConstantField* field = request.common_field()) header(field->name, field->value);
}

Response& Response::header(std::string_view name, std::string_view value) noexcept {
  if (said_ == nullptr) return *this;
  auto* field = said_->scratch->make<Field>(nullptr, name, value);
  if (field == nullptr) {
    lacks_memory();
    return *this;
  }
  (said_->last_field != nullptr ? said_->last_field->next : said_->first_field) = field;
  said_->last_field = field;
  said_->head_memory = {};  // what was reserved is too small now
  return *this;
}

Response& Response::header(const char* name, std::string_view value) noexcept {
  return header(std::string_view(name), value);
}

Response& Response::header(const char* name, const char* value) noexcept {
  return header(std::string_view(name), std::string_view(value));
}

Response& Response::set_cookie(const http::SetCookie& cookie) noexcept {
  if (said_ == nullptr) return *this;
  constexpr std::size_t kAttributesBytes = sizeof(
      "=; Path=; Domain=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; "
      "SameSite=Strict");
  const auto memory =
      said_->scratch->text(cookie.name.size() + cookie.value.size() + cookie.path.size() +
                           cookie.domain.size() + kAttributesBytes);
  if (!memory) {
    lacks_memory();
    return *this;
  }
  TextWriter value(*memory);
  if (!http::append_set_cookie(cookie, value)) {
    fail(Error::internal);
    return *this;
  }
  said_->scratch->trim(value.size());
  return header("Set-Cookie", value.view());
}

Response& Response::delete_cookie(std::string_view name, std::string_view path,
                                  std::string_view domain) noexcept {
  http::SetCookie cookie{.name = name, .value = ""};
  cookie.path = path;
  cookie.domain = domain;
  cookie.max_age_s = 0;
  return set_cookie(cookie);
}

Response& Response::content(Content content, std::string_view type,
                            std::optional<std::uint64_t> size) noexcept {
  if (said_ == nullptr) return *this;
  said_->content = std::move(content);
  said_->content_type = type;
  said_->size = size;
  return *this;
}

void Response::reserve_head() noexcept {
  if (said_ == nullptr || !said_->head_memory.empty()) return;
  // All that is written besides what the handler said, at its longest.
  constexpr std::size_t kOwnFieldsBytes = sizeof(
      "HTTP/1.1 431 Request Header Fields Too Large\r\n"
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
      "Content-Type: \r\n"
      "Content-Length: 18446744073709551615\r\n"
      "Connection: keep-alive\r\n\r\n");
  std::size_t size = kOwnFieldsBytes + said_->added_head_bytes + said_->content_type.size();
  for (const Field* field = said_->first_field; field != nullptr; field = field->next) {
    size += field->name.size() + field->value.size() + std::string_view(": \r\n").size();
  }
  // The head of the first part goes out with that of the reply; the others come to stand there.
  if (said_->parts != nullptr) size += said_->parts->framing.max_head_size();
  const auto memory = said_->scratch->text(size);
  if (!memory) return lacks_memory();
  said_->head_memory = *memory;
}

Response bytes(Request& request, Bytes content, std::string_view type,
               std::uint16_t status) noexcept {
  Response response(request, status);
  response.content(content, type, content.size());
  return response;
}

Response text(Request& request, std::string_view content, std::uint16_t status) noexcept {
  return bytes(request, as_bytes(content), "text/plain; charset=utf-8", status);
}

Response json(Request& request, std::initializer_list<JsonMember> members,
              std::uint16_t status) noexcept {
  // Most replies are small; one that is not is written again into more memory, until that is all.
  constexpr std::size_t kSmall = 256;
  Error failure = Error::no_memory;
  for (std::size_t size = kSmall; failure == Error::no_memory; size *= 4) {
    const auto memory = request.scratch().text(size);
    if (!memory) break;
    JsonWriter writer(*memory);
    writer.object(members);
    const auto written = writer.text();
    if (written) request.scratch().trim(written->size());
    if (written) return bytes(request, as_bytes(*written), "application/json", status);
    failure = written.error();
  }
  Response failed(request, status);
  failed.fail(failure);
  return failed;
}

Response error_reply(Request& request, std::uint16_t status, const char* sentence) noexcept {
  return error_reply(request, status, std::string_view(sentence));
}

Response error_reply(Request& request, std::uint16_t status, std::string_view sentence) noexcept {
  return json(request, {{"error", sentence}}, status);
}

coro::Task<Response> reply(Request&, Result<Response> response) { co_return response; }

namespace {

template <class Generator>
Response stream_of(Request& request, Generator generator, std::optional<std::uint64_t> size,
                   std::string_view type) noexcept {
  Response response(request, 200);
  if (!generator) response.lacks_memory();
  response.content(std::move(generator), type, size);
  return response;
}

}  // namespace

Response stream(Request& request, coro::Generator<Bytes> generator,
                std::optional<std::uint64_t> size, std::string_view type) noexcept {
  return stream_of(request, std::move(generator), size, type);
}

Response stream(Request& request, coro::AsyncGenerator<Bytes> generator,
                std::optional<std::uint64_t> size, std::string_view type) noexcept {
  return stream_of(request, std::move(generator), size, type);
}

}  // namespace wherry::app
