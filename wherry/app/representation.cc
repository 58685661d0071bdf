// SPDX-License-Identifier: MIT
#include "wherry/app/representation.h"

#include <algorithm>
#include <array>
#include <memory>

#include "wherry/base/crc32.h"
#include "wherry/base/crc32c.h"
#include "wherry/base/number.h"
#include "wherry/base/sha256.h"
#include "wherry/http/date.h"

namespace wherry::app {
namespace {

void describe_representation(Request& request, Response& response,
                             const Representation& representation) noexcept {
  const http::Validators& validators = representation.validators;
  if (!validators.etag.empty()) response.header("ETag", keep(request, response, validators.etag));
  if (validators.modified_s) {
    // RFC 9110 §8.8.2.1: no later than Date, whatever the file system says.
    const std::int64_t now_s = request.loop().unix_time_s().value_or(*validators.modified_s);
    response.header(
        "Last-Modified",
        keep(request, response, http::http_date(std::min(*validators.modified_s, now_s))));
  }
  response.header("Accept-Ranges", "bytes");
  if (response.status() == 304) return;
  if (representation.crc32) {
    response.header("X-Checksum-CRC32", keep(request, response, hex32(*representation.crc32)));
  }
  if (!representation.digest.empty()) response.header("Repr-Digest", representation.digest);
}

/// Returns: what the request's Range field comes to; the ranges lie in request memory.
/// Errors: no_memory.
Result<http::RangeSelection> select_ranges(Request& request,
                                           const Representation& representation) noexcept {
  // RFC 9110 §14.2: Range is defined for GET alone.
  const auto value = request.header("Range");
  if (!value || request.method() != http::Method::get ||
      !http::range_applies(request.head(), representation.validators,
                           request.loop().unix_time_s())) {
    return http::RangeSelection{};
  }
  const std::size_t count = http::ranges_in(*value);
  auto* ranges =
      static_cast<http::ByteRange*>(request.scratch().take(count * sizeof(http::ByteRange)));
  if (ranges == nullptr) return Error::no_memory;
  std::uninitialized_value_construct_n(ranges, count);
  return http::select_ranges(*value, representation.size, {ranges, count});
}

/// Different for each reply, as far as a machine without randomness can make it.
std::uint64_t boundary_seed(Request& request, const Representation& representation) noexcept {
  std::uint64_t seed = request.loop().uptime_ms();
  for (const char c : representation.validators.etag) {
    seed = seed * 31 + static_cast<unsigned char>(c);
  }
  return seed;
}

/// Makes `response` one of several parts.
/// Returns: false when its size is beyond all numbers.
bool answer_in_parts(Request& request, Response& response, const Representation& representation,
                     std::span<const http::ByteRange> ranges, const Seekable* source) noexcept {
  const http::ByteRanges framing(http::make_boundary(boundary_seed(request, representation)),
                                 representation.type, representation.size);
  const auto size = framing.body_size(ranges);
  if (!size) return false;
  const auto* parts = request.scratch().make<Response::Parts>(framing, ranges, source);
  if (parts == nullptr) response.lacks_memory();
  response.set_parts(parts);
  response.announce(keep(request, response, framing.type()), *size);
  return true;
}

Response unsatisfiable(Request& request, const Representation& representation) noexcept {
  Response refusal = error_reply(request, 416, describe(Error::range_not_satisfiable).text);
  refusal.header("Content-Range",
                 keep(request, refusal, http::unsatisfied_content_range(representation.size)));
  return refusal;
}

/// A reply with content, of these ranges; none: of all of it.
Selection answer(Request& request, const Representation& representation,
                 std::span<const http::ByteRange> ranges, const Seekable* source) noexcept {
  Response response(request, ranges.empty() ? 200 : 206);
  describe_representation(request, response, representation);
  if (ranges.size() > 1 && answer_in_parts(request, response, representation, ranges, source)) {
    return {std::move(response), ranges.front()};
  }
  http::ByteRange range{0, representation.size};
  if (ranges.size() == 1) {
    range = ranges.front();
    response.header("Content-Range",
                    keep(request, response, http::content_range(range, representation.size)));
  } else {
    response.set_status(200);
    request.transfer().crc32 = representation.crc32;
  }
  response.announce(representation.type, range.size);
  return {std::move(response), range};
}

/// Digests of bytes that come in pieces, one of which is wanted, and their CRC-32.
class Digester {
 public:
  explicit Digester(http::DigestAlgorithm algorithm) noexcept : algorithm_(algorithm) {}

  void update(Bytes bytes) noexcept {
    crc32_.update(bytes);
    if (algorithm_ == http::DigestAlgorithm::sha256) {
      sha256_.update(bytes);
    } else {
      crc32c_.update(bytes);
    }
  }

  http::DigestField field() const noexcept {
    return algorithm_ == http::DigestAlgorithm::sha256 ? http::digest_field(sha256_.value())
                                                       : http::digest_field(crc32c_.value());
  }
  std::uint32_t crc32() const noexcept { return crc32_.value(); }

 private:
  http::DigestAlgorithm algorithm_;
  Crc32 crc32_;
  Crc32c crc32c_;
  Sha256 sha256_;
};

/// Errors: no_memory.
Result<Digest> kept(Request& request, const Digester& digester) noexcept {
  const http::DigestField field = digester.field();
  const auto memory = request.scratch().text(field.size());
  if (!memory) return memory.error();
  std::ranges::copy(field.view(), memory->begin());
  return Digest{{memory->data(), memory->size()}, digester.crc32()};
}

}  // namespace

std::string_view keep(Request& request, Response& response, std::string_view text) noexcept {
  const auto memory = request.scratch().text(text.size());
  if (!memory) {
    response.lacks_memory();
    return {};
  }
  std::ranges::copy(text, memory->begin());
  return {memory->data(), text.size()};
}

Selection select(Request& request, const Representation& representation,
                 const Seekable* source) noexcept {
  const auto now = request.loop().unix_time_s();
  switch (http::evaluate_preconditions(request.head(), representation.validators, now)) {
    case http::Precondition::failed:
      return {error_reply(request, 412, describe(Error::precondition_failed).text)};
    case http::Precondition::not_modified: {
      Response unmodified(request, 304);
      describe_representation(request, unmodified, representation);
      return {std::move(unmodified)};
    }
    case http::Precondition::proceed:
      break;
  }
  const auto selected = select_ranges(request, representation);
  if (!selected) {
    Response failed(request, 206);
    failed.fail(selected.error());
    return {std::move(failed)};
  }
  if (selected->kind == http::RangeSelection::Kind::unsatisfiable) {
    return {unsatisfiable(request, representation)};
  }
  return answer(request, representation, selected->ranges, source);
}

std::optional<http::DigestAlgorithm> digest_to_tell(Request& request,
                                                    const http::Validators& validators) noexcept {
  const auto wanted = http::wanted_digest(request.head(), "Want-Repr-Digest");
  if (!wanted) return std::nullopt;
  const auto judged =
      http::evaluate_preconditions(request.head(), validators, request.loop().unix_time_s());
  return judged == http::Precondition::proceed ? wanted : std::nullopt;
}

namespace {

/// Of `file`, or, where that is nullptr, of what `generator` makes.
coro::Task<Digest> digest(Request& request, storage::File* file, coro::Generator<Bytes> generator,
                          std::uint64_t size, http::DigestAlgorithm algorithm) {
  constexpr std::size_t kMaxRead = 1024 * 1024;  // the storage gives what its block holds
  Digester digester(algorithm);
  if (file == nullptr && !generator) co_return Error::no_memory;
  for (std::uint64_t offset = 0; offset < size;) {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(size - offset, kMaxRead));
    Bytes bytes;
    if (file != nullptr) {
      bytes = co_await file->read(offset, most);
    } else {
      co_await request.loop().sleep(0);
      bytes = generator.next().value_or(Bytes());
    }
    // It has become shorter, or it made less than it promised.
    if (bytes.empty()) co_return file != nullptr ? Error::disk_failed : Error::internal;
    bytes = bytes.first(std::min(bytes.size(), most));
    digester.update(bytes);
    offset += bytes.size();
  }
  co_return kept(request, digester);
}

}  // namespace

coro::Task<Digest> digest_of(Request& request, storage::File& file,
                             http::DigestAlgorithm algorithm) noexcept {
  return digest(request, &file, {}, file.info().size, algorithm);
}

coro::Task<Digest> digest_of(Request& request, const Seekable& source, std::uint64_t size,
                             http::DigestAlgorithm algorithm) noexcept {
  return digest(request, nullptr, source.generate(request, {0, size}), size, algorithm);
}

}  // namespace wherry::app
