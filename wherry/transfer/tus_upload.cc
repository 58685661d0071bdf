// SPDX-License-Identifier: MIT
// tus resumable upload protocol 1.0.0: core, creation, creation-with-upload, creation-defer-length,
// expiration, checksum, termination.
//
// Sections named here are those of the protocol: "Core Protocol", "Creation", "Creation With
// Upload", "Expiration", "Checksum", "Termination". An upload is whole when it has all bytes of its
// length: nobody says so. So whoever asks for it when it has them, and has not taken its place yet
// (the server ended just there), has that done first: its sender will send nothing more.
#include <optional>
#include <utility>
#include <variant>

#include "wherry/app/respond.h"
#include "wherry/base/crc32.h"
#include "wherry/base/number.h"
#include "wherry/base/sha1.h"
#include "wherry/base/sha256.h"
#include "wherry/http/date.h"
#include "wherry/http/media_type.h"
#include "wherry/http/upload_metadata.h"
#include "wherry/transfer/conditions.h"
#include "wherry/transfer/reply_fields.h"
#include "wherry/transfer/service.h"
#include "wherry/transfer/upload_resource.h"

namespace wherry::transfer {
namespace {

using http::Method;

constexpr std::string_view kUploads = "/tus/";
constexpr std::string_view kContentType = "application/offset+octet-stream";
constexpr std::string_view kExtensionsWithoutClock =
    "creation,creation-with-upload,creation-defer-length,checksum,termination";
constexpr std::string_view kExtensions =
    "creation,creation-with-upload,creation-defer-length,checksum,termination,expiration";

// The only one; in every response.
constexpr std::string_view kVersion = kTusField.value;

constexpr std::uint16_t kChecksumMismatch = 460;

Response refuse(Request& request, std::string_view sentence, std::uint16_t status = 400) noexcept {
  return app::error_reply(request, status, sentence);
}

// ---------------------------------------------------------------- what a request says

/// Returns: none: the field is not there.  Errors: bad_request: it is no number.
Result<std::optional<std::uint64_t>> number_of(const Request& request,
                                               std::string_view name) noexcept {
  const auto field = request.header(name);
  if (!field) return std::optional<std::uint64_t>();
  const auto number = parse_decimal(*field);
  if (!number) return number.error();
  return std::optional(*number);
}

/// "PATCH", "Creation With Upload".
bool is_of_right_type(const Request& request) noexcept {
  return http::media_type_is(request.header("Content-Type").value_or(""), kContentType);
}

/// Bytes that may still come: up to the length, or to what any upload may have.
std::uint64_t most_to_come(const Request& request, const UploadState& state) noexcept {
  const std::uint64_t most = state.has_length ? state.length : request.limits().max_content_length;
  return most > state.offset ? most - state.offset : 0;
}

bool is_whole(const UploadState& state) noexcept {
  return state.has_length && state.offset == state.length;
}

/// The name in `metadata`, decoded into request memory; empty: none.
/// Errors: bad_request: malformed; bad_path: a name that is empty; no_memory.
Result<std::string_view> filename_of(Request& request, std::string_view metadata) noexcept {
  const auto memory = request.scratch().text(metadata.size() / 4 * 3);
  if (!memory) return memory.error();
  http::MetadataReader reader(metadata, *memory);
  std::string_view filename;
  while (true) {
    const auto pair = reader.next();
    if (!pair) return pair.error();
    if (!*pair) return filename;
    if ((*pair)->key != "filename") continue;
    filename = (*pair)->value;
    if (filename.empty()) return Error::bad_path;
  }
}

/// What "Checksum" lets a request say of its content.
class ContentChecksum final : public PartCheck {
 public:
  explicit ContentChecksum(const http::UploadChecksum& said) noexcept : said_(said) {
    if (said.algorithm == http::ChecksumAlgorithm::sha256) sum_.emplace<Sha256>();
    if (said.algorithm == http::ChecksumAlgorithm::crc32) sum_.emplace<Crc32>();
  }

  void update(Bytes bytes) noexcept override {
    if (auto* const sha1 = std::get_if<Sha1>(&sum_)) sha1->update(bytes);
    if (auto* const sha256 = std::get_if<Sha256>(&sum_)) sha256->update(bytes);
    if (auto* const crc32 = std::get_if<Crc32>(&sum_)) crc32->update(bytes);
  }
  bool holds() const noexcept override {
    if (const auto* const sha1 = std::get_if<Sha1>(&sum_)) return is_said(sha1->value());
    if (const auto* const sha256 = std::get_if<Sha256>(&sum_)) return is_said(sha256->value());
    const auto* const crc32 = std::get_if<Crc32>(&sum_);
    return crc32 != nullptr && is_said(crc32->value());
  }

 private:
  bool is_said(Bytes value) const noexcept { return std::ranges::equal(value, said_.value()); }
  /// In network order.
  bool is_said(std::uint32_t crc32) const noexcept {
    std::uint32_t said = 0;
    for (const std::byte byte : said_.value()) {
      said = said << 8 | std::to_integer<std::uint32_t>(byte);
    }
    return said == crc32;
  }

  http::UploadChecksum said_;
  std::variant<Sha1, Sha256, Crc32> sum_;
};

/// What the request says of its content, in request memory; nullptr: nothing.
/// Errors: bad_request: malformed, or an algorithm that is not known here; no_memory.
Result<PartCheck*> check_of(Request& request) noexcept {
  const auto field = request.header("Upload-Checksum");
  if (!field) return static_cast<PartCheck*>(nullptr);
  const auto said = http::parse_upload_checksum(*field);
  if (!said) return said.error();
  PartCheck* const check = request.scratch().make<ContentChecksum>(*said);
  return check != nullptr ? Result<PartCheck*>(check) : Error::no_memory;
}

// ---------------------------------------------------------------- what a reply says

/// "Core Protocol", "HEAD"; "Creation", "Upload-Metadata".
void add_state(Request& request, Response& response, const UploadResource& upload) noexcept {
  const UploadState& state = upload.state();
  if (state.has_length) {
    add_number(request, response, "Upload-Length", state.length);
  } else {
    response.header("Upload-Defer-Length", "1");
  }
  if (!upload.metadata().empty()) response.header("Upload-Metadata", upload.metadata());
  response.header("Cache-Control", "no-store");
}

/// "Expiration": of what has not taken its place; told by who has a clock.
void add_expiry(Request& request, Response& response, const UploadResource& upload) noexcept {
  if (upload.is_done()) return;
  if (const auto now = request.loop().unix_time_s()) {
    const http::HttpDate date = http::http_date(*now + upload.remaining_s());
    add_text(request, response, "Upload-Expires", date.view());
  }
}

/// Where the file is, and what came to its end.
void add_stored(Request& request, Response& response, const UploadResource& upload) noexcept {
  add_place(request, response, "Content-Location", kFilesPrefix, upload.path());
  add_text(request, response, kCrc32Field, hex32(upload.check().crc32()).view());
}

/// 409 is about offsets here: who gets it asks for the right one, and tries again.
Result<Response> no_conflict(Request& request, Error error) noexcept {
  const ErrorInfo& info = describe(error);
  if (info.status != 409) return error;
  return refuse(request, info.text);
}

/// The upload is whole: it takes its place, and `response` says so.
Task<Response> finish(Request& request, UploadResource& upload, Response response) {
  request.transfer().crc32 = upload.check().crc32();
  add_stored(request, response, upload);
  response.reserve_head();
  if (response.failure() != Error::none) co_return response;
  const auto completed = co_await coro::as_result(upload.complete());
  if (completed) co_return response;
  const Error error = completed.error();
  if (error == Error::digest_mismatch) co_return upload.check().refusal(request, upload.path());
  const bool is_final = error == Error::precondition_failed || describe(error).status == 409;
  if (is_final) co_await upload.remove();
  co_return no_conflict(request, error);
}

// ---------------------------------------------------------------- requests

/// "OPTIONS".
Response tell(Request& request) noexcept {
  Response response = app::options_reply(request);
  response.header("Tus-Version", kVersion)
      .header("Tus-Extension", request.loop().unix_time_s() ? kExtensions : kExtensionsWithoutClock)
      .header("Tus-Checksum-Algorithm", http::kChecksumAlgorithms);
  const std::uint64_t most = request.limits().max_content_length;
  if (most != UINT64_MAX) add_number(request, response, "Tus-Max-Size", most);
  return response;
}

/// "Tus-Resumable": 412 is for who names a version.
Response wrong_version(Request& request, bool names_one) noexcept {
  Response response = refuse(request, "Tus-Resumable: 1.0.0 is needed", names_one ? 412 : 400);
  response.header("Tus-Version", kVersion);
  return response;
}

/// What a request of another kind than this is refused with.
Result<Response> refusal(Request& request, Error error, std::string_view why) noexcept {
  if (why.empty()) return error;
  return refuse(request, why);
}

/// What a creation says of the upload.
struct Creation {
  std::optional<std::uint64_t> length;
  std::string_view metadata;
  std::string_view filename;
  PartCheck* check = nullptr;
};

/// "Creation", "POST".
/// Errors: what it is refused with; `why`: a sentence for the sender, where there is one.
Result<Creation> read_creation(Request& request, std::string_view& why) noexcept {
  const auto bad = [&why](std::string_view sentence) {
    why = sentence;
    return Error::bad_request;
  };
  if (request.header("Upload-Concat")) {
    return bad("Uploads are not put together here (Upload-Concat)");
  }
  const std::uint64_t content = request.content_length().value_or(1);
  if (content != 0 && !is_of_right_type(request)) return Error::unsupported_media_type;
  Creation creation;
  const auto length = number_of(request, "Upload-Length");
  const auto deferred = request.header("Upload-Defer-Length");
  if (!length || (deferred ? *deferred != "1" || *length : !*length)) {
    return bad("Upload-Length is needed, or Upload-Defer-Length: 1");
  }
  creation.length = *length;
  const std::uint64_t most = request.limits().max_content_length;
  const std::uint64_t size = length->value_or(0);
  if (size > most || (*length && request.content_length().value_or(0) > size)) {
    return Error::content_too_large;
  }
  creation.metadata = request.header("Upload-Metadata").value_or("");
  if (creation.metadata.size() > UploadResource::kMaxMetadataBytes) return Error::header_too_large;
  const auto filename = filename_of(request, creation.metadata);
  if (error_of(filename) == Error::bad_request) return bad("Upload-Metadata is not valid");
  if (!filename) return filename.error();
  creation.filename = *filename;
  const auto check = check_of(request);
  if (!check) return check.error();
  creation.check = *check;
  return creation;
}

/// Makes the upload: of its own, so that what it takes to do so is given back.
Task<> begin(Request& request, UploadResource& upload, const Creation& creation) {
  UploadState state;
  state.has_length = creation.length.has_value();
  state.length = creation.length.value_or(0);
  if (has_conditions(request)) {
    state.expected = co_await judge_conditions(request, creation.filename, Target::may_be_new);
  }
  co_await upload.create(creation.filename, state, UploadCheck::Subject::representation,
                         creation.metadata);
}

Response checksum_mismatch(Request& request) noexcept {
  return refuse(request, describe(Error::digest_mismatch).text, kChecksumMismatch);
}

/// "Creation", "Creation With Upload".
Task<Response> create(Request& request) {
  request.transfer().is_upload = true;
  std::string_view why;
  const auto creation = read_creation(request, why);
  if (!creation) co_return refusal(request, creation.error(), why);
  UploadResource upload(request);
  const auto begun = co_await coro::as_result(begin(request, upload, *creation));
  if (!begun) co_return no_conflict(request, begun.error());
  const auto received = co_await coro::as_result(
      upload.receive(most_to_come(request, upload.state()), creation->check));
  if (!received) {
    co_await upload.remove();  // its sender does not know where it would go on
    if (received.error() == Error::digest_mismatch) co_return checksum_mismatch(request);
    co_return received.error();
  }
  Response response(request, 201);
  add_place(request, response, "Location", kUploads, upload.id());
  add_number(request, response, "Upload-Offset", upload.offset());
  if (is_whole(upload.state())) {
    auto finished = co_await coro::as_result(finish(request, upload, std::move(response)));
    const bool is_told = finished && finished->failure() == Error::none;
    if (!is_told && !upload.is_removed()) co_await upload.remove();
    co_return finished;
  }
  add_expiry(request, response, upload);
  co_return response;
}

/// "HEAD".
Task<Response> tell_state(Request& request, std::string_view id) {
  UploadResource upload(request);
  co_await upload.open(id);
  Response response(request, 200);
  add_number(request, response, "Upload-Offset", upload.offset());
  add_state(request, response, upload);
  if (upload.is_done()) {
    add_stored(request, response, upload);
  } else if (is_whole(upload.state())) {
    co_return co_await finish(request, upload, std::move(response));
  } else {
    add_expiry(request, response, upload);
  }
  co_return response;
}

/// What an append says.
struct Append {
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;  // which may come late ("Creation")
  PartCheck* check = nullptr;
};

/// "PATCH", "Checksum".  Errors: as read_creation().
Result<Append> read_append(Request& request, std::string_view& why) noexcept {
  if (!is_of_right_type(request)) return Error::unsupported_media_type;
  const auto offset = number_of(request, "Upload-Offset");
  const auto length = number_of(request, "Upload-Length");
  if (!offset || !*offset || !length) {
    why = "Upload-Offset is needed, and all numbers must be such";
    return Error::bad_request;
  }
  if (length->value_or(0) > request.limits().max_content_length) return Error::content_too_large;
  const auto check = check_of(request);
  if (!check) return check.error();
  return Append{**offset, *length, *check};
}

/// The reply where bytes are not taken, or not all.  Errors: what says nothing of the upload.
Result<Response> bytes_refusal(Request& request, Error error) noexcept {
  const ErrorInfo& info = describe(error);
  if (error == Error::digest_mismatch) return checksum_mismatch(request);
  if (error != Error::content_too_large && info.status / 100 != 5) return error;
  return refuse(request, info.text, info.status);
}

/// The reply to an append before its bytes are looked at: 204: they may come.
Result<Response> append_reply(Request& request, UploadResource& upload,
                              const Append& said) noexcept {
  if (said.offset != upload.offset()) {
    Response conflict = refuse(request, "The upload goes on at another offset", 409);
    add_number(request, conflict, "Upload-Offset", upload.offset());
    return conflict;
  }
  if (said.length && !upload.set_length(*said.length)) {
    return refuse(request, "Upload-Length is not what was told before");
  }
  const std::uint64_t most = most_to_come(request, upload.state());
  const std::uint64_t unknown = upload.is_done() ? 1 : most;
  if (request.content_length().value_or(unknown) > most) {
    return bytes_refusal(request, Error::content_too_large);
  }
  return Response(request, 204);
}

/// "PATCH".
Task<Response> append(Request& request, std::string_view id) {
  request.transfer().is_upload = true;
  std::string_view why;
  const auto said = read_append(request, why);
  if (!said) co_return refusal(request, said.error(), why);
  UploadResource upload(request);
  co_await upload.open(id);
  Response response = co_await append_reply(request, upload, *said);
  if (response.status() == 204 && !upload.is_done()) {
    co_await upload.expect();
    const auto received = co_await coro::as_result(
        upload.receive(most_to_come(request, upload.state()), said->check));
    if (!received) response = co_await bytes_refusal(request, received.error());
  }
  if (response.status() == 204) {
    add_number(request, response, "Upload-Offset", upload.offset());
    if (upload.is_done()) {
      add_stored(request, response, upload);
    } else if (is_whole(upload.state())) {
      co_return co_await finish(request, upload, std::move(response));
    }
  }
  add_expiry(request, response, upload);
  co_return response;
}

/// "X-HTTP-Method-Override": the method, whatever the request line says.
Method method_of(const Request& request) noexcept {
  const auto field = request.header("X-HTTP-Method-Override");
  return field ? http::parse_method(*field) : request.method();
}

/// Returns: the reply to what is no request of this version; none: it is one.
std::optional<Response> first_reply(Request& request, Method method) noexcept {
  request.set_common_field(&kTusField);
  if (method == Method::options) return tell(request);
  const auto version = request.header(kTusField.name);
  if (version != kVersion) return wrong_version(request, version.has_value());
  return std::nullopt;
}

}  // namespace

Task<Response> tus_uploads(Request& request) {
  const Method method = method_of(request);
  auto reply = first_reply(request, method);
  if (reply) return app::reply(request, *std::move(reply));
  return method == Method::post ? create(request) : app::reply(request, Error::method_not_allowed);
}

Task<Response> tus_upload(Request& request, std::string_view id) {
  const Method method = method_of(request);
  // No request of tus's, whatever its version: a client finds out so that this is no file.
  const bool is_foreign = method == Method::get || method == Method::put;
  if (is_foreign) return app::reply(request, Error::method_not_allowed);
  auto reply = first_reply(request, method);
  if (reply) return app::reply(request, *std::move(reply));
  switch (method) {
    case Method::head:
      return tell_state(request, id);
    case Method::patch:
      return append(request, id);
    case Method::delete_:  // "Termination": the file of an upload that was whole stays
      return cancel_upload(request, id);
    default:
      return app::reply(request, Error::method_not_allowed);
  }
}

}  // namespace wherry::transfer
