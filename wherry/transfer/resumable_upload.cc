// SPDX-License-Identifier: MIT
// Resumable Uploads for HTTP (draft-ietf-httpbis-resumable-upload, interop version 8): a PUT that
// says whether it is whole becomes an upload resource, which goes on where it was cut.
//
// Sections named here are those of the draft. What is said in replies: resumable_reply.h.
#include <algorithm>
#include <optional>
#include <utility>

#include "wherry/app/respond.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/media_type.h"
#include "wherry/http/part_head.h"
#include "wherry/http/structured_field.h"
#include "wherry/transfer/conditions.h"
#include "wherry/transfer/resumable_reply.h"
#include "wherry/transfer/service.h"
#include "wherry/transfer/store.h"
#include "wherry/transfer/stored_reply.h"
#include "wherry/transfer/upload_resource.h"
#include "wherry/transfer/upload_sweep.h"

namespace wherry::transfer {
namespace {

using Subject = UploadCheck::Subject;

// Section "Completeness": what is no boolean is ignored, and so below for what is no integer.
std::optional<bool> upload_complete(const Request& request) noexcept {
  const auto field = request.header("Upload-Complete");
  return field ? http::parse_boolean_item(*field) : std::nullopt;
}

std::optional<std::uint64_t> integer_field(const Request& request, std::string_view name) noexcept {
  const auto field = request.header(name);
  return field ? http::parse_integer_item(*field) : std::nullopt;
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

/// Section "Limits", `max-size`: in parts comes no more than at once.
bool is_too_large(const Request& request, const std::optional<std::uint64_t>& length) noexcept {
  return length.value_or(0) > request.limits().max_content_length;
}

std::uint64_t most_to_come(const Request& request, const UploadState& state) noexcept {
  const std::uint64_t most = state.has_length ? state.length : request.limits().max_content_length;
  return most > state.offset ? most - state.offset : 0;
}

// ---------------------------------------------------------------- what has come

/// The upload is whole: it takes its place, if it has not yet, and its sender is told what a PUT is
/// told. Section "Upload Append": with Upload-Complete, so that this is known for the end of the
/// whole; and once more to who has missed it.
Task<Response> finish(Request& request, UploadResource& upload) {
  UploadState& state = upload.state();
  if (state.has_length && state.length != state.offset) co_return inconsistent_length(request);
  const Stored stored{upload.path(), state.offset, upload.check().crc32()};
  request.transfer().crc32 = stored.crc32;
  StoredReply reply(request, stored, kFilesPrefix);
  reply.response().header("Upload-Complete", "?1");
  add_crc32(request, reply.response(), upload.check());
  const auto wanted = http::wanted_digest(request.head(), "Want-Repr-Digest");
  if (wanted || state.wanted_digest) {
    add_digest(request, reply.response(), upload.check(), wanted ? *wanted : *state.wanted_digest);
  }
  if (upload.is_done()) {
    reply.response().set_status(200);
    co_return std::move(reply.response());
  }
  reply.reserve();
  if (!reply.is_complete()) co_return reply.failed();
  const auto completed = co_await coro::as_result(upload.complete());
  if (completed) {
    Response response = reply.finish(upload.file());
    if (upload.file().replaced()) response.set_status(200);
    co_return response;
  }
  const ErrorInfo& error = describe(completed.error());
  Response refusal = error.error == Error::digest_mismatch
                         ? upload.check().refusal(request, upload.path())
                         : app::error_reply(request, error.status, error.text);
  // That it has come whole, and is refused all the same, is told apart from an upload that may go
  // on: where the server failed, a PATCH without content tries again.
  if (error.status / 100 == 4) {
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

/// Takes this request's content, of which `part` is what is said of it alone.
/// Returns: none: it goes on; else the answer.
Task<std::optional<Response>> take_content(Request& request, UploadResource& upload,
                                           UploadCheck& part) {
  if (takes_interim(request)) upload.tell_progress(&tell_offset);
  const auto received = co_await coro::as_result(
      upload.receive(most_to_come(request, upload.state()), part.says_nothing() ? nullptr : &part));
  if (received) co_return std::nullopt;
  if (received.error() == Error::digest_mismatch) co_return part_refusal(request, upload, part);
  if (received.error() != Error::content_too_large) co_return received.error();
  // Sections "Upload Append", "Limits": more than the length, or the limit, ends the upload.
  co_await upload.remove();
  co_return upload.state().has_length ? inconsistent_length(request) : too_large(request);
}

/// Of an upload whose sender does not know where it is nothing stays: nobody could go on with it,
/// or give back what it takes.
Task<> forget(UploadResource& upload) {
  static_cast<void>(co_await coro::as_result(upload.remove()));
}

/// The first request of an upload that has been created; sections "Upload Creation", "Server
/// Behavior".
Task<Response> begin_upload(Request& request, UploadResource& upload, UploadCheck& part,
                            bool is_last) {
  if (takes_interim(request)) co_await announce(request, upload);
  std::optional<Response> answer = co_await take_content(request, upload, part);
  if (!answer && is_last) co_return co_await finish(request, upload);
  if (!answer) {
    answer.emplace(request, 201);
    add_number(request, *answer, "Upload-Offset", upload.offset());
    answer->header("Upload-Complete", "?0");
  }
  // Also for who learns by a refusal that he may go on.
  if (!upload.is_removed()) {
    add_location(request, *answer, upload);
    add_limit(request, *answer, upload.remaining_s());
  }
  co_return std::move(*answer);
}

Task<Response> create_upload(Request& request, std::string_view path, bool is_last) {
  request.transfer().is_upload = true;
  if (const std::string_view why = put_refusal(request); !why.empty()) {
    // What a plain PUT is told, too: nobody need go on.
    Response refusal = app::error_reply(request, 400, why);
    refusal.header("Upload-Complete", "?1");
    co_return refusal;
  }
  const auto length = told_length(request, 0, is_last);
  if (!length) co_return inconsistent_length(request);
  if (is_too_large(request, *length)) co_return too_large(request);
  UploadState state;
  state.has_length = length->has_value();
  state.length = length->value_or(0);
  state.wanted_digest = http::wanted_digest(request.head(), "Want-Repr-Digest");
  UploadCheck part;
  if (!is_last) co_await part.expect(request, Subject::content);
  if (has_conditions(request)) {
    state.expected = co_await judge_conditions(request, path, Target::may_be_new);
  }
  UploadResource upload(request);
  co_await upload.create(path, state, is_last ? Subject::message : Subject::representation);
  auto answer = co_await coro::as_result(begin_upload(request, upload, part, is_last));
  if (!takes_interim(request) && (is_last || !answer)) co_await forget(upload);
  co_return answer;
}

/// Creates the file in `folder` (empty, or with a slash at its end) that the request's
/// Content-Disposition names; section "Upload Creation".
Task<Response> create_named(Request& request, std::string_view folder, bool is_last) {
  const std::string_view field = request.header("Content-Disposition").value_or("");
  const std::span<char> memory = co_await request.scratch().text(folder.size() + 2 * field.size());
  const std::span<char> copy = memory.last(field.size());
  std::ranges::copy(field, copy.begin());
  const auto filename = http::parse_disposition_filename(copy);
  const std::string_view name =
      http::last_segment(filename ? filename->value_or(std::string_view()) : std::string_view());
  if (name.empty()) co_return app::error_reply(request, 400, "Content-Disposition names no file");
  TextWriter path(memory.first(folder.size() + field.size()));
  path.append(folder).append(name);
  co_return co_await create_upload(request, path.view(), is_last);
}

/// Returns: why a PATCH brings no part of an upload; none: it may.
std::optional<Response> patch_refusal(Request& request, bool says_where) noexcept {
  const bool is_part =
      http::media_type_is(request.header("Content-Type").value_or(""), kPartialUpload);
  std::string_view why = coding_refusal(request);
  if (why.empty() && !says_where) why = "PATCH needs Upload-Offset and Upload-Complete";
  if (!is_part) why = describe(Error::unsupported_media_type).text;
  if (why.empty()) return std::nullopt;
  Response refusal = app::error_reply(request, is_part ? 400 : 415, why);
  if (!is_part) refusal.header("Accept-Patch", kPartialUpload);  // RFC 5789 §2.2
  refusal.header("Upload-Complete", "?0");
  return refusal;
}

Response is_elsewhere(Request& request, std::uint64_t expected, std::uint64_t provided) noexcept {
  Response conflict =
      problem(request, 409, "mismatching-upload-offset", "The upload goes on at another offset",
              {{"expected-offset", expected}, {"provided-offset", provided}});
  add_number(request, conflict, "Upload-Offset", expected);
  conflict.header("Upload-Complete", "?0");
  return conflict;
}

// Uploads that nobody goes on with: on a board nothing else removes them.
Task<> remove_old_uploads(Request& request) {
  UploadSweeper sweeper(request);
  co_await sweeper.sweep(Sweep::old);
}

}  // namespace

Task<Response> upload_resumable(Request& request, std::string_view filename) {
  const auto is_last = upload_complete(request);
  return is_last ? create_upload(request, filename, *is_last)
                 : store(request, filename, kDownloads, remove_old_uploads);
}

Task<Response> put_file_resumable(Request& request, std::string_view path) {
  const auto is_last = upload_complete(request);
  return is_last ? create_upload(request, path, *is_last)
                 : store(request, path, kFilesPrefix, remove_old_uploads);
}

Task<Response> post_form_resumable(Request& request) {
  const auto is_last = upload_complete(request);
  const bool is_form = !request.header("Content-Disposition");
  return is_last && !is_form ? create_named(request, {}, *is_last) : upload_form(request);
}

Task<Response> post_file_resumable(Request& request, std::string_view path) {
  const auto is_last = upload_complete(request);
  const auto target = request.query("move");
  if (!is_last || !target || *target) return move_file(request, path);
  return path.ends_with('/') ? create_named(request, path, *is_last)
                             : create_upload(request, path, *is_last);
}

// Section "Limits": how a client finds out without trying.
Task<Response> resumable_options(Request& request) {
  Response response = app::options_reply(request);
  response.header("Accept-Patch", kPartialUpload);  // RFC 5789 §3.1
  add_limit(request, response, request.limits().upload_max_age_s);
  return app::reply(request, std::move(response));
}

Task<Response> resumable_file_options(Request& request, std::string_view) {
  return resumable_options(request);
}

// Section "Limits"; tus, "Tus-Resumable".
Task<Response> resumable_error(Request& request, Error error) {
  const std::string_view path = request.path();
  const bool is_tus = path.starts_with("/tus") && (path.size() == 4 || path[4] == '/');
  if (is_tus) request.set_common_field(&kTusField);
  const ErrorInfo& info = describe(error);
  return app::reply(request, error == Error::content_too_large && upload_complete(request)
                                 ? too_large(request)
                                 : app::error_reply(request, info.status, info.text));
}

// Section "Offset Retrieval", "Server Behavior".
Task<Response> upload_state(Request& request, std::string_view id) {
  UploadResource upload(request);
  co_await upload.open(id);
  Response response(request, 204);
  const UploadState& state = upload.state();
  response.header("Upload-Complete", upload.is_done() ? "?1" : "?0");
  add_number(request, response, "Upload-Offset", state.offset);
  if (state.has_length) add_number(request, response, "Upload-Length", state.length);
  add_limit(request, response, upload.remaining_s());
  // For who has missed the last reply.
  if (upload.is_done()) add_crc32(request, response, upload.check());
  response.header("Cache-Control", "no-store");
  co_return response;
}

// Section "Upload Append", "Server Behavior".
Task<Response> append_to_upload(Request& request, std::string_view id) {
  request.transfer().is_upload = true;
  const auto offset = integer_field(request, "Upload-Offset");
  const auto is_last = upload_complete(request);
  if (auto refusal = patch_refusal(request, offset && is_last)) co_return *std::move(refusal);
  UploadResource upload(request);
  co_await upload.open(id);
  if (*offset != upload.offset()) co_return is_elsewhere(request, upload.offset(), *offset);
  const auto length = told_length(request, *offset, *is_last);
  if (!length || (*length && !upload.set_length(**length))) co_return inconsistent_length(request);
  if (is_too_large(request, *length)) co_return too_large(request);
  if (upload.is_done()) {
    if (request.content_length() != 0) co_return inconsistent_length(request);
    co_return co_await finish(request, upload);
  }
  co_await upload.expect();
  UploadCheck part;
  co_await part.expect(request, Subject::content);
  std::optional<Response> answer = co_await take_content(request, upload, part);
  if (answer) co_return std::move(*answer);
  if (*is_last) co_return co_await finish(request, upload);
  Response response(request, 204);
  response.header("Upload-Complete", "?0");
  add_number(request, response, "Upload-Offset", upload.offset());
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
