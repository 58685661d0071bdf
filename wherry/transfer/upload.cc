// SPDX-License-Identifier: MIT
// Files on their way in: by PUT, by form, or only to be counted.
#include <algorithm>
#include <optional>
#include <utility>

#include "wherry/app/json_writer.h"
#include "wherry/base/ascii.h"
#include "wherry/base/number.h"
#include "wherry/base/percent.h"
#include "wherry/http/part_head.h"
#include "wherry/storage/path.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

constexpr std::string_view kFilePrefix = "/download/file/";

/// A file that has come, as its sender is told.
struct Stored {
  std::string_view filename;
  std::uint64_t size;
  std::uint32_t crc32;
};

void write_stored(app::JsonWriter& json, const Stored& stored) noexcept {
  json.object(
      {{"filename", stored.filename}, {"size", stored.size}, {"crc32", hex32(stored.crc32)}});
}

Response reply_of(Request& request, const Stored& stored, std::uint16_t status) noexcept {
  return app::json(
      request,
      {{"filename", stored.filename}, {"size", stored.size}, {"crc32", hex32(stored.crc32)}},
      status);
}

/// Returns: bytes that write_stored takes at the most, a separator included.
std::size_t stored_bound(std::string_view filename) noexcept {
  constexpr std::size_t kOwn =
      sizeof(R"({"filename": , "size": 18446744073709551615, "crc32": "0x00000000"}, )");
  return kOwn + app::json_string_size(filename);
}

/// What one stored file is answered with, and where it is. Made whole before the file's commit:
/// once that is done, nothing may be missing to say so.
Response stored_reply(Request& request, const Stored& stored) noexcept {
  Response response = reply_of(request, stored, 201);
  const auto memory = request.scratch().text(kFilePrefix.size() + 3 * stored.filename.size());
  if (!memory) {
    response.lacks_memory();
    return response;
  }
  TextWriter location(*memory);
  location.append(kFilePrefix);
  percent_encode_path(stored.filename, location);
  request.scratch().trim(location.size());
  response.header("Location", location.view()).reserve_head();
  return response;
}

/// What makes a PUT something else than "store these bytes under this name".
std::string_view refusal_of(Request& request) noexcept {
  if (request.header("Content-Range")) {
    return "Content-Range is not allowed on PUT: send the whole file";  // RFC 9110 §14.5
  }
  const auto coding = request.header("Content-Encoding");
  if (coding && !equals_ignoring_case(*coding, "identity")) {
    return "Content-Encoding is not allowed: send the file as it is";
  }
  return {};
}

storage::Storage::Create create(Request& request, std::string_view filename) noexcept {
  return request.storage().create(filename, {request.content_length()});
}

Result<std::string_view> copy(Request& request, std::string_view text) noexcept {
  const auto memory = request.scratch().text(text.size());
  if (!memory) return memory.error();
  std::ranges::copy(text, memory->begin());
  return std::string_view(memory->data(), text.size());
}

/// Takes the current part of `form` into a file, which the caller commits, and into `crc`.
Task<> receive_part(Request& request, app::MultipartReader& form, std::string_view filename,
                    std::optional<storage::StagedFile>& file, Crc32& crc) {
  file.emplace(co_await request.storage().create(filename));
  while (true) {
    const Bytes chunk = co_await form.read();
    if (chunk.empty()) co_return;
    crc.update(chunk);
    co_await file->write(chunk);
  }
}

/// The files of one form, as its sender is told: a list in fixed memory.
class FormReply {
 public:
  explicit FormReply(std::span<char> memory) noexcept : list_(memory) {
    list_.begin_object().key("files").begin_array();
  }

  bool has_room_for(std::string_view filename) const noexcept {
    return stored_bound(filename) + sizeof("]}") <= list_.room();
  }
  void add(const Stored& stored) noexcept {
    write_stored(list_, stored);
    last_ = stored;
    size_ += stored.size;
    ++count_;
  }
  std::size_t count() const noexcept { return count_; }
  std::uint64_t size() const noexcept { return size_; }
  const Stored& last() const noexcept { return last_; }

  Response finish(Request& request) noexcept {
    list_.end_array().end_object();
    const auto text = list_.text();
    Response response = app::bytes(request, as_bytes(text.value_or("")), "application/json", 201);
    if (!text) response.fail(text.error());
    response.reserve_head();
    return response;
  }

 private:
  app::JsonWriter list_;
  Stored last_{};
  std::uint64_t size_ = 0;
  std::size_t count_ = 0;
};

}  // namespace

Task<> receive(app::Body& body, storage::StagedFile& file, Crc32& crc) {
  while (true) {
    const MutableBytes room = co_await file.room();
    const Bytes chunk = co_await body.read(room);
    if (chunk.empty()) co_return;
    crc.update(chunk);
    file.filled(chunk.size());
  }
}

Task<Response> upload(Request& request, std::string_view filename) {
  request.transfer().is_upload = true;
  if (const std::string_view refusal = refusal_of(request); !refusal.empty()) {
    co_return app::error_reply(request, 400, refusal);
  }
  storage::StagedFile file = co_await create(request, filename);
  Crc32 crc;
  co_await receive(request.body(), file, crc);
  request.transfer().crc32 = crc.value();
  Response response = stored_reply(request, {filename, file.size(), crc.value()});
  if (response.failure() != Error::none) co_return response;
  co_await file.commit();
  if (file.replaced()) response.set_status(200);  // RFC 9110 §9.3.4
  co_return response;
}

Task<Response> upload_form(Request& request) {
  request.transfer().is_upload = true;
  app::MultipartReader form(request);
  FormReply reply(co_await request.scratch().text(request.limits().max_form_reply_bytes));
  // Received whole, and committed when what follows it has been seen to be part of a form.
  std::optional<storage::StagedFile> file;
  while (const http::PartHead* part = co_await form.next()) {
    const std::string_view name = http::last_segment(part->filename);
    if (!part->has_filename || name.empty()) continue;
    const std::string_view filename = co_await copy(request, name);
    if (file) co_await file->commit();
    file.reset();
    if (!reply.has_room_for(filename)) {
      co_return app::error_reply(request, 413, "Too many files in one form; the first are stored");
    }
    Crc32 crc;
    co_await receive_part(request, form, filename, file, crc);
    reply.add({filename, file->size(), crc.value()});
  }
  if (!file) co_return app::error_reply(request, 400, "The form has no part with a file name");
  request.transfer().size = reply.size();
  if (reply.count() == 1) request.transfer().crc32 = reply.last().crc32;
  Response response =
      reply.count() == 1 ? stored_reply(request, reply.last()) : reply.finish(request);
  if (response.failure() == Error::none) co_await file->commit();
  co_return response;
}

Task<Response> discard(Request& request, std::string_view filename) {
  request.transfer().is_upload = true;
  co_await storage::check_path(filename);  // as upload() would
  Crc32 crc;
  while (true) {
    const Bytes chunk = co_await request.body().next();
    if (chunk.empty()) break;
    crc.update(chunk);
  }
  request.transfer().crc32 = crc.value();
  co_return reply_of(request, {filename, request.body().received_bytes(), crc.value()}, 200);
}

}  // namespace wherry::transfer
