// SPDX-License-Identifier: MIT
// Files on their way in: by PUT, by form, or only to be counted.
#include <algorithm>
#include <optional>
#include <utility>

#include "wherry/app/json_writer.h"
#include "wherry/base/ascii.h"
#include "wherry/base/number.h"
#include "wherry/base/percent.h"
#include "wherry/http/entity_tag.h"
#include "wherry/http/part_head.h"
#include "wherry/storage/path.h"
#include "wherry/transfer/conditions.h"
#include "wherry/transfer/service.h"
#include "wherry/transfer/store.h"
#include "wherry/transfer/stored_reply.h"
#include "wherry/transfer/upload_check.h"

namespace wherry::transfer {
namespace {

constexpr std::string_view kSeveralFiles = "Several files cannot share a checksum";

void write_stored(app::JsonWriter& json, const Stored& stored) noexcept {
  json.object(
      {{"filename", stored.filename}, {"size", stored.size}, {"crc32", hex32(stored.crc32)}});
}

/// Returns: bytes that write_stored takes at the most, a separator included.
std::size_t stored_bound(std::string_view filename) noexcept {
  constexpr std::size_t kOwn =
      sizeof(R"({"filename": , "size": 18446744073709551615, "crc32": "0x00000000"}, )");
  return kOwn + app::json_string_size(filename);
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

/// Takes the rest of `body` into `file`, and into `sum`.
template <class Sum>
Task<> take_in(app::Body& body, storage::StagedFile& file, Sum& sum) {
  while (true) {
    co_await file.room();
    const Bytes chunk = co_await body.read(file.lender());
    if (chunk.empty()) co_return;
    sum.update(chunk);
    file.filled(chunk.size());
  }
}

/// Takes the current part of `form` into a file, which the caller commits.
Task<> receive_part(Request& request, app::MultipartReader& form, std::string_view filename,
                    std::optional<storage::StagedFile>& file, UploadCheck& check) {
  file.emplace(co_await request.storage().create(filename));
  while (true) {
    const Bytes chunk = co_await form.read();
    if (chunk.empty()) co_return;
    check.update(chunk);
    co_await file->write(chunk);
  }
}

/// Reads the current part of `form` as a CRC-32.  Errors: bad_request: it is none.
Task<std::uint32_t> read_crc32(app::MultipartReader& form) {
  FixedString<sizeof("0x12345678")> text;
  while (true) {
    const Bytes chunk = co_await form.read();
    if (chunk.empty()) break;
    if (!text.append(as_text(chunk))) co_return Error::bad_request;
  }
  co_return parse_hex32(trim_ows(text.view()));
}

/// Adds to `content` what `request` says of the form in it, and to `file` what of a file in that.
/// Errors: bad_request, no_memory.
Result<> expect(Request& request, UploadCheck& content, UploadCheck& file) noexcept {
  const Result<> step = content.expect(request, UploadCheck::Subject::form);
  return step ? file.expect_crc32(request) : step;
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
  return take_in(body, file, crc);
}

Task<Response> store(Request& request, std::string_view filename, std::string_view where,
                     MakeRoom make_room) {
  request.transfer().is_upload = true;
  if (const std::string_view refusal = put_refusal(request); !refusal.empty()) {
    co_return app::error_reply(request, 400, refusal);
  }
  UploadCheck check = co_await UploadCheck::of(request);
  Result<storage::Expected> expected = storage::Expected();
  if (has_conditions(request)) {
    expected = co_await coro::as_result(judge_conditions(request, filename, Target::may_be_new));
  }
  std::optional<storage::StagedFile> created;
  while (!created) {
    auto file = co_await coro::as_result(create(request, filename));
    if (file) {
      created.emplace(*std::move(file));
      break;
    }
    if (file.error() != Error::no_space || make_room == nullptr) co_return file.error();
    co_await std::exchange(make_room, nullptr)(request);
  }
  storage::StagedFile& file = *created;
  if (!expected) co_return expected.error();  // what create() fails by goes before (§13.2.1)
  co_await take_in(request.body(), file, check);
  request.transfer().crc32 = check.crc32();
  if (!check.holds()) co_return check.refusal(request, filename);
  StoredReply reply(request, {filename, file.size(), check.crc32()}, where);
  reply.reserve();
  if (!reply.is_complete()) co_return reply.failed();
  co_await file.commit({.expected = *expected, .crc32 = check.crc32()});
  Response response = reply.finish(file);
  if (file.replaced()) response.set_status(200);  // RFC 9110 §9.3.4
  co_return response;
}

Task<Response> upload(Request& request, std::string_view filename) {
  return store(request, filename, kDownloads, nullptr);
}

Task<Response> put_file(Request& request, std::string_view path) {
  return store(request, path, kFilesPrefix, nullptr);
}

Task<Response> upload_form(Request& request) {
  request.transfer().is_upload = true;
  UploadCheck content;  // what is said of the form as it is sent
  UploadCheck next;     // what has been said of the file that comes next
  co_await expect(request, content, next);
  const bool is_for_one_file = !content.says_nothing() || !next.says_nothing();
  app::MultipartReader form(request, content.says_nothing() ? nullptr : &content);
  FormReply reply(co_await request.scratch().text(request.limits().max_form_reply_bytes));
  // Received whole, and committed when what follows it has been seen to be part of a form.
  std::optional<storage::StagedFile> file;
  UploadCheck check;
  while (const http::PartHead* part = co_await form.next()) {
    if (!part->has_filename && part->name == kCrc32Name) {
      const std::uint32_t crc32 = co_await read_crc32(form);
      co_await next.expect_crc32(request, crc32);
    }
    const std::string_view name = http::last_segment(part->filename);
    if (!part->has_filename || name.empty()) continue;
    if (file && is_for_one_file) co_return app::error_reply(request, 400, kSeveralFiles);
    check = std::exchange(next, UploadCheck());
    co_await check.expect(request, *part);
    const std::string_view filename = co_await copy(request, name);
    if (file) co_await file->commit({.crc32 = reply.last().crc32});
    file.reset();
    if (!reply.has_room_for(filename)) {
      co_return app::error_reply(request, 413, "Too many files in one form; the first are stored");
    }
    co_await receive_part(request, form, filename, file, check);
    if (!check.holds()) co_return check.refusal(request, filename);
    reply.add({filename, file->size(), check.crc32()});
  }
  if (!file) co_return app::error_reply(request, 400, "The form has no part with a file name");
  co_await check.expect_crc32_of(request, next);  // behind the last file: of that one
  for (const UploadCheck* each : {&check, &content}) {
    if (!each->holds()) co_return each->refusal(request, reply.last().filename);
  }
  request.transfer().size = reply.size();
  const storage::CommitOptions options{.crc32 = reply.last().crc32};
  if (reply.count() > 1) {
    Response response = reply.finish(request);
    if (response.failure() == Error::none) co_await file->commit(options);
    co_return response;
  }
  request.transfer().crc32 = reply.last().crc32;
  StoredReply stored(request, reply.last(), kDownloads);
  stored.reserve();
  if (!stored.is_complete()) co_return stored.failed();
  co_await file->commit(options);
  co_return stored.finish(*file);
}

Task<Response> discard(Request& request, std::string_view filename) {
  request.transfer().is_upload = true;
  co_await storage::check_path(filename);  // as upload() would
  UploadCheck check = co_await UploadCheck::of(request);
  while (true) {
    const Bytes chunk = co_await request.body().next();
    if (chunk.empty()) break;
    check.update(chunk);
  }
  request.transfer().crc32 = check.crc32();
  if (!check.holds()) co_return check.refusal(request, filename);
  co_return stored_json(request, {filename, request.body().received_bytes(), check.crc32()}, 200);
}

}  // namespace wherry::transfer
