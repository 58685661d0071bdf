// SPDX-License-Identifier: MIT
// Resumable Uploads for HTTP (draft-ietf-httpbis-resumable-upload, interop version 8): a PUT that
// says whether it is whole becomes an upload resource, which goes on where it was cut.
//
// Sections named here are those of the draft: "Upload Creation", "Offset Retrieval", "Upload
// Append", "Upload Cancellation", "Concurrency", "Problem Types".
#include <array>
#include <optional>
#include <utility>

#include "wherry/app/json_writer.h"
#include "wherry/base/number.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/media_type.h"
#include "wherry/http/response_head.h"
#include "wherry/http/structured_field.h"
#include "wherry/transfer/conditions.h"
#include "wherry/transfer/reply_fields.h"
#include "wherry/transfer/service.h"
#include "wherry/transfer/stored_reply.h"
#include "wherry/transfer/upload_resource.h"

namespace wherry::transfer {
namespace {

constexpr std::string_view kUploads = "/uploads/";
constexpr std::string_view kPartialUpload = "application/partial-upload";
constexpr std::string_view kInteropVersion = "8";

std::optional<bool> upload_complete(const Request& request) noexcept {
  const auto field = request.header("Upload-Complete");
  return field ? http::parse_boolean_item(*field) : std::nullopt;
}

std::optional<std::uint64_t> integer_field(const Request& request, std::string_view name) noexcept {
  const auto field = request.header(name);
  return field ? http::parse_integer_item(*field) : std::nullopt;
}

/// Whether the client understands 104: who does says by which version of the draft.
bool takes_interim(const Request& request) noexcept {
  return request.head().version_minor() > 0 &&
         request.header("Upload-Draft-Interop-Version") == kInteropVersion;
}

// ---------------------------------------------------------------- fields of replies

void write_limit(const Request& request, TextWriter& value) noexcept {
  value.append("max-age=").append_decimal(kUploadMaxAgeS);
  const std::uint64_t most = request.limits().max_content_length;
  if (most != UINT64_MAX) value.append(", max-append-size=").append_decimal(most);
}
constexpr std::size_t kMaxLimitSize = 80;

void add_limit(Request& request, Response& response) noexcept {
  add_field(request, response, "Upload-Limit", kMaxLimitSize,
            [&](TextWriter& value) { write_limit(request, value); });
}

void add_location(Request& request, Response& response, const UploadResource& upload) noexcept {
  add_field(request, response, "Location", kUploads.size() + upload.id().size(),
            [&](TextWriter& value) { value.append(kUploads).append(upload.id()); });
}

// Section "Problem Types". RFC 9457.
Response problem(Request& request, std::uint16_t status, std::string_view type,
                 std::string_view title,
                 std::initializer_list<app::JsonMember> more = {}) noexcept {
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
  return problem(request, 400, "inconsistent-upload-length",
                 "The lengths that were told of this upload differ");
}

// ---------------------------------------------------------------- lengths

/// What this request says of the length of the whole ("Length"), of which `offset` bytes are there.
/// Errors: bad_request: it says two things.
Result<std::optional<std::uint64_t>> told_length(const Request& request, std::uint64_t offset,
                                                 bool is_last) noexcept {
  std::optional<std::uint64_t> length = integer_field(request, "Upload-Length");
  const auto content = request.content_length();
  if (!is_last || !content) return length;
  if (*content > UINT64_MAX - offset) return Error::bad_request;
  if (length && *length != offset + *content) return Error::bad_request;
  return std::optional(offset + *content);
}

std::uint64_t most_to_come(const UploadState& state) noexcept {
  return state.has_length ? state.length - state.offset : UINT64_MAX - state.offset;
}

// ---------------------------------------------------------------- what has come

/// The upload is whole: it takes its place, and its sender is told what a PUT is told.
Task<Response> finish(Request& request, UploadResource& upload) {
  UploadState& state = upload.state();
  if (state.has_length && state.length != upload.file().size()) {
    co_return inconsistent_length(request);
  }
  const Stored stored{upload.path(), upload.file().size(), upload.check().crc32()};
  request.transfer().crc32 = stored.crc32;
  StoredReply reply(request, stored, kFilesPrefix);
  reply.header("Upload-Complete", "?1").reserve();
  if (!reply.is_complete()) co_return reply.failed();
  const auto completed = co_await coro::as_result(upload.complete());
  if (completed) {
    Response response = reply.finish(upload.file());
    if (upload.file().replaced()) response.set_status(200);
    co_return response;
  }
  // That it has come whole, and is refused all the same, is told apart from an upload that may go
  // on.
  const Error error = completed.error();
  Response refusal = error == Error::digest_mismatch
                         ? upload.check().refusal(request, upload.path())
                         : app::error_reply(request, describe(error).status, describe(error).text);
  const bool is_final = error == Error::digest_mismatch || error == Error::precondition_failed ||
                        error == Error::conflict;
  if (is_final) {
    refusal.header("Upload-Complete", "?1");
    co_await upload.remove();
  }
  co_return refusal;
}

/// Section "Content Digests": nothing of this request's content is part of the upload.
Response part_refusal(Request& request, const UploadResource& upload,
                      const UploadCheck& part) noexcept {
  Response refusal = part.refusal(request, upload.path());
  refusal.header("Upload-Complete", "?0");
  add_number(request, refusal, "Upload-Offset", upload.offset());
  return refusal;
}

/// Section "Upload Append", "Server Behavior": more than the length is told off, and ends the
/// upload.
Task<Response> too_long(Request& request, UploadResource& upload) {
  co_await upload.remove();
  co_return inconsistent_length(request);
}

Task<> announce(Request& request, const UploadResource& upload) {
  std::array<std::byte, 256> memory;
  std::array<char, kUploads.size() + 32> location_memory;
  std::array<char, kMaxLimitSize> limit_memory;
  TextWriter location(location_memory);
  location.append(kUploads).append(upload.id());
  TextWriter limit(limit_memory);
  write_limit(request, limit);
  http::ResponseHead head(memory, 104);
  head.field("Location", location.view()).field("Upload-Limit", limit.view());
  const Bytes written = co_await head.finish();
  co_await request.interim(written);
}

/// Of an upload whose sender does not know where it is nothing stays: nobody could go on with it,
/// or give back what it takes.
Task<> forget(UploadResource& upload) {
  static_cast<void>(co_await coro::as_result(upload.remove()));
}

/// Section "Upload Creation".
Task<Response> create_upload(Request& request, std::string_view path, bool is_last) {
  request.transfer().is_upload = true;
  if (const std::string_view refusal = put_refusal(request); !refusal.empty()) {
    co_return app::error_reply(request, 400, refusal);
  }
  UploadState state;
  const auto length = told_length(request, 0, is_last);
  if (!length) co_return inconsistent_length(request);
  state.has_length = length->has_value();
  state.length = length->value_or(0);
  UploadCheck part;
  if (!is_last) co_await part.expect(request, UploadCheck::Subject::content);
  if (has_conditions(request)) {
    state.expected = co_await judge_conditions(request, path, Target::may_be_new);
  }
  UploadResource upload(request);
  co_await upload.create(
      path, state, is_last ? UploadCheck::Subject::message : UploadCheck::Subject::representation);
  const bool is_announced = takes_interim(request);
  if (is_announced) co_await announce(request, upload);
  const auto received = co_await coro::as_result(
      upload.receive(most_to_come(upload.state()), part.says_nothing() ? nullptr : &part));
  if (!received && received.error() == Error::content_too_large) {
    co_return co_await too_long(request, upload);
  }
  if (!received && received.error() == Error::digest_mismatch) {
    Response refusal = part_refusal(request, upload, part);
    add_location(request, refusal, upload);
    co_return refusal;
  }
  if (!received) {
    if (!is_announced) co_await forget(upload);
    co_return received.error();
  }
  if (is_last) {
    Response response = co_await finish(request, upload);
    if (!is_announced) co_await forget(upload);
    co_return response;
  }
  Response response(request, 201);
  add_location(request, response, upload);
  add_limit(request, response);
  add_number(request, response, "Upload-Offset", upload.state().offset);
  response.header("Upload-Complete", "?0");
  co_return response;
}

}  // namespace

Task<Response> upload_resumable(Request& request, std::string_view filename) {
  const auto is_last = upload_complete(request);
  return is_last ? create_upload(request, filename, *is_last) : upload(request, filename);
}

Task<Response> put_file_resumable(Request& request, std::string_view path) {
  const auto is_last = upload_complete(request);
  return is_last ? create_upload(request, path, *is_last) : put_file(request, path);
}

// Section "Offset Retrieval".
Task<Response> upload_state(Request& request, std::string_view id) {
  UploadResource upload(request);
  co_await upload.open(id);
  Response response(request, 204);
  const UploadState& state = upload.state();
  response.header("Upload-Complete", upload.is_done() ? "?1" : "?0");
  add_number(request, response, "Upload-Offset", state.offset);
  if (state.has_length) add_number(request, response, "Upload-Length", state.length);
  add_limit(request, response);
  if (upload.is_done()) {  // for who has missed the last reply
    add_field(request, response, kCrc32Field, hex32(0).size(),
              [&](TextWriter& value) { value.append(hex32(upload.check().crc32()).view()); });
  }
  response.header("Cache-Control", "no-store");
  co_return response;
}

// Section "Upload Append".
Task<Response> append_to_upload(Request& request, std::string_view id) {
  request.transfer().is_upload = true;
  if (!http::media_type_is(request.header("Content-Type").value_or(""), kPartialUpload)) {
    co_return Error::unsupported_media_type;
  }
  const auto offset = integer_field(request, "Upload-Offset");
  const auto is_last = upload_complete(request);
  if (!offset || !is_last) {
    co_return app::error_reply(request, 400, "PATCH needs Upload-Offset and Upload-Complete");
  }
  UploadResource upload(request);
  co_await upload.open(id);
  if (upload.is_done()) {
    co_return problem(request, 400, "completed-upload", "The upload is complete already");
  }
  UploadState& state = upload.state();
  if (*offset != state.offset) {
    Response conflict =
        problem(request, 409, "mismatching-upload-offset", "The upload goes on at another offset",
                {{"expected-offset", state.offset}, {"provided-offset", *offset}});
    add_number(request, conflict, "Upload-Offset", state.offset);
    conflict.header("Upload-Complete", "?0");
    co_return conflict;
  }
  const auto length = told_length(request, state.offset, *is_last);
  if (!length || (*length && !upload.set_length(**length))) co_return inconsistent_length(request);
  co_await upload.expect();
  UploadCheck part;
  co_await part.expect(request, UploadCheck::Subject::content);
  const auto received = co_await coro::as_result(
      upload.receive(most_to_come(state), part.says_nothing() ? nullptr : &part));
  if (!received && received.error() == Error::content_too_large) {
    co_return co_await too_long(request, upload);
  }
  if (!received && received.error() == Error::digest_mismatch) {
    co_return part_refusal(request, upload, part);
  }
  if (!received) co_return received.error();
  if (*is_last) co_return co_await finish(request, upload);
  Response response(request, 204);
  response.header("Upload-Complete", "?0");
  add_number(request, response, "Upload-Offset", state.offset);
  co_return response;
}

// Section "Upload Cancellation".
Task<Response> cancel_upload(Request& request, std::string_view id) {
  UploadResource upload(request);
  const auto opened = co_await coro::as_result(upload.open(id));
  // A full disk is no reason to keep it.
  if (!opened && opened.error() != Error::no_space) co_return opened.error();
  co_await upload.remove();
  co_return Response(request, 204);
}

}  // namespace wherry::transfer
