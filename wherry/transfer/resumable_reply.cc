// SPDX-License-Identifier: MIT
#include "wherry/transfer/resumable_reply.h"

#include <array>

#include "wherry/base/number.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/response_head.h"
#include "wherry/http/structured_field.h"

namespace wherry::transfer {

using app::Request;
using app::Response;
using coro::Task;

namespace {

constexpr std::string_view kInteropField = "Upload-Draft-Interop-Version";
constexpr std::uint64_t kInteropVersion = 8;

// What an Integer of a structured field may be (RFC 9651 §3.3.1).
constexpr std::uint64_t kMaxInteger = 999'999'999'999'999;
constexpr std::size_t kMaxLimitSize = sizeof("max-age=4294967295, max-size=999999999999999");

// A whole upload may be as large as what one request may bring: in parts no more comes in.
void write_limit(const Request& request, TextWriter& value, std::uint32_t max_age_s) noexcept {
  value.append("max-age=").append_decimal(max_age_s);
  const std::uint64_t most = request.limits().max_content_length;
  if (most <= kMaxInteger) value.append(", max-size=").append_decimal(most);
}

Task<> send_interim(Request& request, http::ResponseHead& head) {
  const Bytes written = co_await head.finish();
  co_await request.interim(written);
}

}  // namespace

bool takes_interim(const Request& request) noexcept {
  const auto version = request.header(kInteropField);
  return request.head().version_minor() > 0 && version &&
         http::parse_integer_item(*version) == kInteropVersion;
}

void add_limit(Request& request, Response& response, std::uint32_t max_age_s) noexcept {
  add_field(request, response, "Upload-Limit", kMaxLimitSize,
            [&](TextWriter& value) { write_limit(request, value, max_age_s); });
}

void add_location(Request& request, Response& response, const UploadResource& upload) noexcept {
  add_place(request, response, "Location", kUploads, upload.id());
}

void add_crc32(Request& request, Response& response, const UploadCheck& check) noexcept {
  add_text(request, response, kCrc32Field, hex32(check.crc32()).view());
}

void add_digest(Request& request, Response& response, const UploadCheck& check,
                http::DigestAlgorithm algorithm) noexcept {
  const auto digest = check.digest(algorithm);
  if (digest) add_text(request, response, "Repr-Digest", digest->view());
}

Response problem(Request& request, std::uint16_t status, std::string_view type,
                 std::string_view title, std::initializer_list<app::JsonMember> more) noexcept {
  Response response(request, status);
  const auto memory = request.scratch().text(384);
  if (!memory) {
    response.lacks_memory();
    return response;
  }
  std::array<char, 96> type_memory;
  TextWriter full_type(type_memory);
  full_type.append("https://iana.org/assignments/http-problem-types#").append(type);
  app::JsonWriter json(*memory);
  json.begin_object().key("type").value(full_type.view()).key("title").value(title);
  for (const app::JsonMember& member : more) json.key(member.name).value(member.value);
  const auto text = json.end_object().text();
  WHERRY_ASSERT(text.has_value());
  response.content(as_bytes(*text), "application/problem+json", text->size());
  return response;
}

Response inconsistent_length(Request& request) noexcept {
  Response response = problem(request, 400, "inconsistent-upload-length",
                              "The lengths that were told of this upload differ");
  response.header("Upload-Complete", "?0");
  return response;
}

Response too_large(Request& request) noexcept {
  const ErrorInfo& error = describe(Error::content_too_large);
  Response response = app::error_reply(request, error.status, error.text);
  response.header("Upload-Complete", "?0");
  add_limit(request, response, request.limits().upload_max_age_s);
  return response;
}

Task<> announce(Request& request, const UploadResource& upload) {
  std::array<std::byte, 256> memory;
  std::array<char, kUploads.size() + 32> location_memory;
  std::array<char, kMaxLimitSize> limit_memory;
  TextWriter location(location_memory);
  location.append(kUploads).append(upload.id());
  TextWriter limit(limit_memory);
  write_limit(request, limit, upload.remaining_s());
  http::ResponseHead head(memory, 104);
  head.field(kInteropField, kInteropVersion)
      .field("Location", location.view())
      .field("Upload-Limit", limit.view());
  co_await send_interim(request, head);
}

Task<> tell_offset(Request& request, std::uint64_t offset) {
  std::array<std::byte, 128> memory;
  http::ResponseHead head(memory, 104);
  head.field(kInteropField, kInteropVersion).field("Upload-Offset", offset);
  co_await send_interim(request, head);
}

}  // namespace wherry::transfer
