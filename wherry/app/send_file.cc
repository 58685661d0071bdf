// SPDX-License-Identifier: MIT
// Stored files, and bytes that are made, as responses: what a file is called decides its type, what
// the client asks for decides which bytes of it.
#include "wherry/app/representation.h"
#include "wherry/http/entity_tag.h"
#include "wherry/http/media_type.h"

namespace wherry::app {
namespace {

// Who asks for the digest of more than this, of bytes that nobody stored, gets none.
constexpr std::uint64_t kMaxMadeTwice = 64 * 1024 * 1024;

http::Validators validators_of(const storage::FileInfo& info,
                               const http::VersionTag& tag) noexcept {
  return {true, tag.view(), info.modified_s};
}

std::optional<http::DigestAlgorithm> digest_of_file(Request& request,
                                                    const storage::FileInfo& info) noexcept {
  const http::VersionTag tag = http::version_tag(info.version);
  return digest_to_tell(request, validators_of(info, tag));
}

// The CRC-32 is the one that is kept with the file; of one that has none, that of all its bytes
// when these had to be read for another digest.
Response file_reply(Request& request, storage::File file, std::string_view filename,
                    const std::optional<Digest>& digest) noexcept {
  const storage::FileInfo& info = file.info();
  std::optional<std::uint32_t> crc32 = info.crc32;
  if (!crc32 && digest) crc32 = digest->crc32;
  const http::VersionTag tag = http::version_tag(info.version);
  const std::string_view type = http::media_type_of(filename);
  auto [response, range] = select(
      request, {info.size, type, validators_of(info, tag), crc32, digest ? digest->field : ""},
      nullptr);
  response.header("X-Content-Type-Options", "nosniff");
  if (http::can_run_script(type)) {
    response.header("Content-Security-Policy", "sandbox; default-src 'none'");
  }
  if (range && response.content() != nullptr) {
    response.content()->emplace<Response::FileBody>(std::move(file), *range);
  }
  return std::move(response);
}

Response made_reply(Request& request, const Seekable& source, const SeekableInfo& info,
                    std::string_view digest) noexcept {
  auto [response, range] =
      select(request, {info.size, info.type, {true, info.etag}, info.crc32, digest}, &source);
  if (range && response.content() != nullptr) {
    coro::Generator<Bytes> generator = source.generate(request, *range);
    if (!generator) response.lacks_memory();
    response.content()->emplace<coro::Generator<Bytes>>(std::move(generator));
  }
  return std::move(response);
}

}  // namespace

coro::Task<Response> send_file(Request& request, std::string_view filename,
                               storage::Freshness freshness) {
  storage::File file = co_await request.storage().open(filename, storage::Scope::served, freshness);
  std::optional<Digest> digest;
  if (const auto algorithm = digest_of_file(request, file.info())) {
    digest = co_await digest_of(request, file, *algorithm);
  }
  co_return file_reply(request, std::move(file), filename, digest);
}

coro::Task<Response> send_seekable(Request& request, const Seekable& source, SeekableInfo info) {
  std::string_view digest;
  const auto algorithm = digest_to_tell(request, {true, info.etag});
  if (algorithm && info.size <= kMaxMadeTwice) {
    digest = (co_await digest_of(request, source, info.size, *algorithm)).field;
  }
  co_return made_reply(request, source, info, digest);
}

}  // namespace wherry::app
