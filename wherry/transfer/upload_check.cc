// SPDX-License-Identifier: MIT
#include "wherry/transfer/upload_check.h"

#include "wherry/base/number.h"
#include "wherry/http/target.h"

namespace wherry::transfer {
namespace {

constexpr std::string_view kContentDigest = "Content-Digest";
constexpr std::string_view kReprDigest = "Repr-Digest";
constexpr std::string_view kSentence = "The content is not what its digest says";

template <class Value>
bool differ(const std::optional<Value>& a, const std::optional<Value>& b) noexcept {
  return a && b && *a != *b;
}

/// The bytes between the colons of a digest field.  Lifetime: that of `field`.
std::string_view value_of(const http::DigestField& field) noexcept {
  std::string_view text = field.view();
  text.remove_prefix(text.find(':') + 1);
  text.remove_suffix(1);
  return text;
}

}  // namespace

Result<UploadCheck> UploadCheck::of(app::Request& request) noexcept {
  UploadCheck check;
  if (const Result<> step = check.expect(request, Subject::message); !step) return step.error();
  return check;
}

Result<> UploadCheck::expect(app::Request& request, Subject subject, std::uint64_t taken) noexcept {
  Result<> step;
  if (subject != Subject::representation) {
    step = expect_digests(request, http::read_digests(request.head(), kContentDigest), taken);
  }
  if (subject == Subject::content) return step;
  if (step) step = expect_digests(request, http::read_digests(request.head(), kReprDigest), taken);
  return step && subject != Subject::form ? expect_crc32(request) : step;
}

Result<> UploadCheck::expect(app::Request& request, const http::PartHead& part) noexcept {
  Result<> step;
  for (const std::string_view name : {kContentDigest, kReprDigest}) {
    const auto field = part.header(name);
    if (!step || !field) continue;
    http::Digests digests;
    step = http::read_digests(*field, digests);
    if (step) step = expect_digests(request, digests);
  }
  for (const std::string_view name : {kCrc32Field, kCrc32Name}) {
    const auto field = part.header(name);
    if (step && field) step = expect_crc32(request, parse_hex32(*field));
  }
  return step;
}

Result<> UploadCheck::expect_digests(app::Request& request, const Result<http::Digests>& read,
                                     std::uint64_t taken) noexcept {
  if (!read) return read.error();
  if (read->empty()) return {};
  if (const Result<> step = prepare(request); !step) return step;
  http::Digests& digests = said_->digests;
  if (differ(digests.sha256, read->sha256) || differ(digests.crc32c, read->crc32c)) {
    return Error::bad_request;
  }
  if (read->sha256) digests.sha256 = read->sha256;
  if (read->crc32c) digests.crc32c = read->crc32c;
  said_->has_sha256 |= digests.sha256 && taken == 0;
  said_->has_crc32c |= digests.crc32c && taken == 0;
  const bool is_late =
      (digests.sha256 && !said_->has_sha256) || (digests.crc32c && !said_->has_crc32c);
  return is_late ? Result<>(Error::bad_request) : Result<>();
}

Result<> UploadCheck::expect_crc32(app::Request& request) noexcept {
  http::QueryReader query(request.query_text());
  Result<> step;
  while (step) {
    char decoded[3 * sizeof("0x12345678")];  // what is longer is none
    const auto value = http::next_value(query, kCrc32Name, decoded);
    if (!value) return value.error();
    if (!*value) break;
    step = expect_crc32(request, parse_hex32(**value));
  }
  request.head().for_each(kCrc32Field, [&](std::string_view value) {
    if (step) step = expect_crc32(request, parse_hex32(value));
  });
  return step;
}

Result<> UploadCheck::compute_all(app::Request& request) noexcept {
  const Result<> step = prepare(request);
  if (step) said_->has_sha256 = said_->has_crc32c = true;
  return step;
}

void UploadCheck::go_back(const State& state) noexcept {
  crc32_ = state.crc32;
  if (said_ != nullptr) *said_ = state.said;
}

Result<UploadCheck> UploadCheck::from(app::Request& request, const State& state) noexcept {
  UploadCheck check;
  check.crc32_ = state.crc32;
  if (!state.has_said) return check;
  if (const Result<> step = check.prepare(request); !step) return step.error();
  *check.said_ = state.said;
  return check;
}

UploadCheck::State UploadCheck::state() const noexcept {
  State state{.crc32 = crc32_, .has_said = said_ != nullptr, .said = {}};
  if (said_ != nullptr) state.said = *said_;
  return state;
}

Result<> UploadCheck::prepare(app::Request& request) noexcept {
  if (said_ == nullptr) said_ = request.scratch().make<Said>();
  return said_ != nullptr ? Result<>() : Result<>(Error::no_memory);
}

Result<> UploadCheck::expect_crc32(app::Request& request, Result<std::uint32_t> crc32) noexcept {
  if (!crc32) return crc32.error();
  if (const Result<> step = prepare(request); !step) return step;
  if (differ(said_->crc32, std::optional(*crc32))) return Error::bad_request;
  said_->crc32 = *crc32;
  return {};
}

void UploadCheck::update(Bytes bytes) noexcept {
  crc32_.update(bytes);
  if (said_ == nullptr) return;
  if (said_->has_crc32c) said_->crc32c.update(bytes);
  if (said_->has_sha256) said_->sha256.update(bytes);
}

UploadCheck::Algorithm UploadCheck::mismatch() const noexcept {
  if (said_ == nullptr) return Algorithm::none;
  const http::Digests& digests = said_->digests;
  if (said_->crc32 && *said_->crc32 != crc32_.value()) return Algorithm::crc32;
  if (digests.crc32c && *digests.crc32c != said_->crc32c.value()) return Algorithm::crc32c;
  if (digests.sha256 && *digests.sha256 != said_->sha256.value()) return Algorithm::sha256;
  return Algorithm::none;
}

std::optional<http::DigestField> UploadCheck::digest(
    http::DigestAlgorithm algorithm) const noexcept {
  if (said_ == nullptr) return std::nullopt;
  switch (algorithm) {
    case http::DigestAlgorithm::sha256:
      if (said_->has_sha256) return http::digest_field(said_->sha256.value());
      break;
    case http::DigestAlgorithm::crc32c:
      if (said_->has_crc32c) return http::digest_field(said_->crc32c.value());
      break;
  }
  return std::nullopt;
}

app::Response UploadCheck::refusal(app::Request& request,
                                   std::string_view filename) const noexcept {
  const auto reply = [&](std::string_view algorithm, std::string_view expected,
                         std::string_view found) {
    return app::json(request,
                     {{"error", kSentence},
                      {"filename", filename},
                      {"algorithm", algorithm},
                      {"expected", expected},
                      {"found", found}},
                     422);
  };
  switch (mismatch()) {
    case Algorithm::crc32:
      return reply("crc32", hex32(*said_->crc32).view(), hex32(crc32_.value()).view());
    case Algorithm::crc32c:
      return reply("crc32c", value_of(http::digest_field(*said_->digests.crc32c)),
                   value_of(http::digest_field(said_->crc32c.value())));
    case Algorithm::sha256:
      return reply("sha-256", value_of(http::digest_field(*said_->digests.sha256)),
                   value_of(http::digest_field(said_->sha256.value())));
    case Algorithm::none:
      break;
  }
  return app::error_reply(request, 422, kSentence);
}

}  // namespace wherry::transfer
