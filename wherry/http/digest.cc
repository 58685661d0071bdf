// SPDX-License-Identifier: MIT
#include "wherry/http/digest.h"

#include <array>
#include <span>

#include "wherry/base/assert.h"
#include "wherry/base/base64.h"
#include "wherry/base/number.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/structured_field.h"

namespace wherry::http {
namespace {

using Kind = DictionaryMember::Kind;
using Crc32cBytes = std::array<std::byte, 4>;

constexpr std::string_view kSha256 = "sha-256";
constexpr std::string_view kCrc32c = "crc32c";

/// Fills `into` by the member's bytes, which must be as many.
Result<> read_bytes(const DictionaryMember& member, MutableBytes into) noexcept {
  if (member.kind != Kind::bytes) return Error::bad_request;
  const Result<std::size_t> size = base64_decode(member.text, into);
  return size && *size == into.size() ? Result<>() : Error::bad_request;
}

Result<> read_member(const DictionaryMember& member, Digests& digests) noexcept {
  if (member.key == kSha256) return read_bytes(member, digests.sha256.emplace());
  if (member.key != kCrc32c) return {};
  Crc32cBytes bytes{};
  const Result<> read = read_bytes(member, bytes);
  std::uint32_t crc = 0;
  for (const std::byte byte : bytes) crc = crc << 8 | std::to_integer<std::uint32_t>(byte);
  digests.crc32c = crc;
  return read;
}

/// How much each algorithm is wanted: 0 is not at all.
struct Weights {
  std::uint64_t sha256 = 0;
  std::uint64_t crc32c = 0;
};

Result<> read_weights(std::string_view value, Weights& weights) noexcept {
  constexpr std::uint64_t kMaxWeight = 10;
  DictionaryReader reader(value);
  while (true) {
    const auto member = reader.next();
    if (!member) return member.error();
    if (!*member) return {};
    const bool is_sha256 = (*member)->key == kSha256;
    if (!is_sha256 && (*member)->key != kCrc32c) continue;
    const auto weight = parse_decimal((*member)->text);
    if ((*member)->kind != Kind::integer || !weight || *weight > kMaxWeight) {
      return Error::bad_request;
    }
    (is_sha256 ? weights.sha256 : weights.crc32c) = *weight;
  }
}

DigestField write_field(std::string_view algorithm, Bytes value) noexcept {
  char memory[kMaxDigestFieldSize];
  TextWriter text{std::span(memory)};
  text.append(algorithm).append("=:");
  append_base64(value, text);
  text.append(':');
  DigestField field;
  const bool fits = !text.overflowed() && field.assign(text.view());
  WHERRY_ASSERT(fits);
  return field;
}

}  // namespace

Result<> read_digests(std::string_view value, Digests& digests) noexcept {
  DictionaryReader reader(value);
  while (true) {
    const auto member = reader.next();
    if (!member) return member.error();
    if (!*member) return {};
    if (const Result<> read = read_member(**member, digests); !read) return read;
  }
}

Result<Digests> read_digests(const RequestHead& head, std::string_view name) noexcept {
  Digests digests;
  Result<> read;
  head.for_each(name, [&](std::string_view value) {
    if (read) read = read_digests(value, digests);
  });
  if (!read) return read.error();
  return digests;
}

std::optional<DigestAlgorithm> wanted_digest(const RequestHead& head,
                                             std::string_view name) noexcept {
  Weights weights;
  Result<> read;
  head.for_each(name, [&](std::string_view value) {
    if (read) read = read_weights(value, weights);
  });
  if (!read || (weights.sha256 == 0 && weights.crc32c == 0)) return std::nullopt;
  return weights.sha256 >= weights.crc32c ? DigestAlgorithm::sha256 : DigestAlgorithm::crc32c;
}

DigestField digest_field(const Sha256Value& sha256) noexcept {
  return write_field(kSha256, sha256);
}

DigestField digest_field(std::uint32_t crc32c) noexcept {
  Crc32cBytes bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(crc32c >> (24 - 8 * i) & 0xFF);
  }
  return write_field(kCrc32c, bytes);
}

}  // namespace wherry::http
