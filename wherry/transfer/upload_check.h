// SPDX-License-Identifier: MIT
// UploadCheck: what the sender of a file says that its bytes come to, and what they do come to. The
// CRC-32 is always computed; the digests only when the sender names one.
// Knows where a sender says so; not what happens to a file that is not what it should be.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/app/multipart_reader.h"
#include "wherry/app/request.h"
#include "wherry/app/response.h"
#include "wherry/base/crc32.h"
#include "wherry/base/crc32c.h"
#include "wherry/base/sha256.h"
#include "wherry/http/digest.h"

namespace wherry::transfer {

/// The CRC-32 of a file, in a request or a reply, as hex32() writes it.
inline constexpr std::string_view kCrc32Field = "X-Checksum-CRC32";

/// The same in a query, in a field of a form, and in the head of a part.
inline constexpr std::string_view kCrc32Name = "crc32";

/// What some bytes are compared with, as they come.
class PartCheck : public app::BodyObserver {
 public:
  /// After the last byte. Whether the bytes are what was said.
  virtual bool holds() const noexcept = 0;

 protected:
  ~PartCheck() = default;
};

class UploadCheck final : public PartCheck {
  /// What is said, and what it takes to see whether that is so.
  struct Said {
    std::optional<std::uint32_t> crc32;
    http::Digests digests;
    // Computed: what was said before the first byte, or all.
    bool has_sha256 = false;
    bool has_crc32c = false;
    Crc32c crc32c;
    Sha256 sha256;
  };

 public:
  /// Of which bytes a request speaks.
  enum class Subject : std::uint8_t {
    message,         // its content is the whole: what is said of either is said of it
    form,            // its content is a form: both digests are of that, a CRC-32 of a file in it
    content,         // its own content: Content-Digest
    representation,  // the whole, of which its content is a part: all the others
  };

  /// All that is known: what a check that is to go on later is made of.
  struct State {
    Crc32 crc32;
    bool has_said = false;
    Said said;
  };

  /// Nothing is said.
  UploadCheck() = default;

  /// What `request` says of the whole: in `?crc32=`, X-Checksum-CRC32, Content-Digest, Repr-Digest.
  /// Errors: bad_request (malformed, or two that differ), no_memory.
  /// Source: RFC 9530 §2, §3. Without a content coding both digests are of the same bytes.
  static Result<UploadCheck> of(app::Request& request) noexcept;

  /// Adds what `request` says of `subject`, when `taken` bytes of it have come already.
  /// Errors: as of(); bad_request also: a digest that has not been computed from the first byte.
  Result<> expect(app::Request& request, Subject subject, std::uint64_t taken = 0) noexcept;

  bool says_nothing() const noexcept { return said_ == nullptr; }

  /// Before the first byte: computes all digests, so that one may be said later.
  /// Errors: no_memory.
  Result<> compute_all(app::Request& request) noexcept;

  /// Goes back to `state`, which was this check's own.
  void go_back(const State& state) noexcept;

  /// Goes on with what was known.  Errors: no_memory.
  static Result<UploadCheck> from(app::Request& request, const State& state) noexcept;
  State state() const noexcept;

  /// Adds what is said elsewhere: what read_digests made of it, when `taken` bytes have come.
  /// Errors: as expect().
  Result<> expect_digests(app::Request& request, const Result<http::Digests>& read,
                          std::uint64_t taken = 0) noexcept;

  /// Adds what is said elsewhere: what parse_hex32 made of it.  Errors: as of().
  Result<> expect_crc32(app::Request& request, Result<std::uint32_t> crc32) noexcept;

  /// Adds the CRC-32 that `request` says of the file in it: `?crc32=`, X-Checksum-CRC32.
  /// Errors: as of().
  Result<> expect_crc32(app::Request& request) noexcept;

  /// Adds the CRC-32 that `other` expects.  Errors: as of().
  Result<> expect_crc32_of(app::Request& request, const UploadCheck& other) noexcept {
    if (other.said_ == nullptr || !other.said_->crc32) return {};
    return expect_crc32(request, *other.said_->crc32);
  }

  /// Adds what `part` says of itself in its head: the same fields, or one called crc32.
  /// Errors: as of().
  Result<> expect(app::Request& request, const http::PartHead& part) noexcept;

  void update(Bytes bytes) noexcept override;
  std::uint32_t crc32() const noexcept { return crc32_.value(); }

  bool holds() const noexcept override { return mismatch() == Algorithm::none; }

  /// Of the bytes so far.  Returns: none: it is not computed.
  std::optional<http::DigestField> digest(http::DigestAlgorithm algorithm) const noexcept;

  /// 422, which says what was expected and what was found of the first that differs.
  app::Response refusal(app::Request& request, std::string_view filename) const noexcept;

 private:
  enum class Algorithm : std::uint8_t { none, crc32, crc32c, sha256 };

  Result<> prepare(app::Request& request) noexcept;
  Algorithm mismatch() const noexcept;

  Crc32 crc32_;
  Said* said_ = nullptr;  // in request memory; nullptr: nothing is said
};

}  // namespace wherry::transfer
