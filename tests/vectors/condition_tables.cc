// SPDX-License-Identifier: MIT
#include <array>

#include "tests/vectors/tables.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/accept.h"
#include "wherry/http/accept_vectors.h"
#include "wherry/http/digest.h"
#include "wherry/http/digest_vectors.h"
#include "wherry/http/entity_tag.h"
#include "wherry/http/entity_tag_vectors.h"
#include "wherry/http/precondition.h"
#include "wherry/http/precondition_vectors.h"
#include "wherry/http/structured_field.h"
#include "wherry/http/structured_field_vectors.h"

namespace wherry::vectors {
namespace {

using namespace wherry::http;

constexpr std::int64_t kNow = 784'115'377;  // an hour after the date in the tables

/// Whether `is_right(head)` says so of a request with these header lines.
template <class IsRight>
bool with_head(std::string_view method, std::string_view fields, IsRight is_right) {
  std::array<char, 512> memory;
  TextWriter request{std::span<char>(memory)};
  request.append(method).append(" / HTTP/1.1\r\n").append(fields).append("\r\n");
  const Result<RequestHead> head = RequestHead::parse(request.view());
  return !request.overflowed() && head && is_right(*head);
}

bool tags_are_right(const TagConditionVector& row) {
  return with_head("PUT", row.fields, [&row](const RequestHead& head) {
    constexpr EntityTag kCurrent{"\"c\"", false};
    return read_tag_condition(head, "If-Match", kCurrent, strongly_equal) == row.strong &&
           read_tag_condition(head, "If-Match", kCurrent, weakly_equal) == row.weak &&
           read_tag_condition(head, "If-Match", {}, weakly_equal) == row.without;
  });
}

bool writes_are_right(const PreconditionVector& row) {
  return with_head("PUT", row.fields, [&row](const RequestHead& head) {
    return evaluate_preconditions(head, kStandingFile, kNow) == row.write &&
           (row.write != kProceed || write_guard(head, kStandingFile) == row.guard);
  });
}

bool reads_are_right(const PreconditionVector& row) {
  return with_head("GET", row.fields, [&row](const RequestHead& head) {
    return evaluate_preconditions(head, kStandingFile, kNow) == row.read;
  });
}

bool if_range_is_right(const IfRangeVector& row) {
  return with_head("GET", row.fields, [&row](const RequestHead& head) {
    return range_applies(head, kStandingFile, kNow) == row.applies &&
           range_applies(head, kStandingFile, std::nullopt) == row.applies_without_clock;
  });
}

/// Whether the members are as the row says: see DictionaryVector.
bool dictionary_is_right(const DictionaryVector& row) {
  std::array<char, 128> memory;
  TextWriter result{std::span<char>(memory)};
  DictionaryReader reader(row.value);
  while (true) {
    const auto member = reader.next();
    if (member && !*member) break;
    if (result.size() != 0) result.append('|');
    if (!member) {
      result.append('!');
      break;
    }
    result.append((*member)->key).append("#:~"[static_cast<int>((*member)->kind)]);
    result.append((*member)->text);
  }
  return !result.overflowed() && result.view() == row.expected;
}

bool digests_are_right(const DigestVector& row) {
  return with_head("PUT", row.fields, [&row](const RequestHead& head) {
    const Result<Digests> digests = read_digests(head, "Repr-Digest");
    if (!digests) return !row.well_formed && digests.error() == Error::bad_request;
    return row.well_formed && digests->sha256.has_value() == !row.sha256.empty() &&
           digests->crc32c.has_value() == !row.crc32c.empty() &&
           (!digests->sha256 || digest_field(*digests->sha256) == row.sha256) &&
           (!digests->crc32c || digest_field(*digests->crc32c) == row.crc32c);
  });
}

bool wanted_digest_is_right(const WantedDigestVector& row) {
  std::array<char, 128> memory;
  TextWriter field{std::span<char>(memory)};
  field.append("Want-Repr-Digest: ").append(row.value).append("\r\n");
  return with_head("GET", field.view(), [&row](const RequestHead& head) {
    return wanted_digest(head, "Want-Repr-Digest") == row.wanted;
  });
}

bool choice_is_right(const AcceptVector& row) {
  return with_head("GET", row.fields, [&row](const RequestHead& head) {
    const auto chosen = best_media_type(head, kOfferedTypes);
    return (chosen ? static_cast<int>(*chosen) : -1) == row.chosen;
  });
}

}  // namespace

void run_condition_tables(Report& report) {
  report.table("http/entity_tag", kEntityTagVectors, [](const EntityTagVector& row) {
    const auto tag = parse_entity_tag(row.value);
    return tag.has_value() && *tag == row.tag;
  });
  report.table("http/entity_tag: refused", kRefusedEntityTagVectors,
               [](std::string_view text) { return !parse_entity_tag(text).has_value(); });
  report.table("http/entity_tag: lists", kTagConditionVectors, tags_are_right);
  report.table("http/precondition: reads", kPreconditionVectors, reads_are_right);
  report.table("http/precondition: writes", kPreconditionVectors, writes_are_right);
  report.table("http/precondition: If-Range", kIfRangeVectors, if_range_is_right);
  report.table("http/structured_field", kDictionaryVectors, dictionary_is_right);
  report.table("http/digest", kDigestVectors, digests_are_right);
  report.table("http/digest: wanted", kWantedDigestVectors, wanted_digest_is_right);
  report.table("http/accept", kAcceptVectors, choice_is_right);
}

}  // namespace wherry::vectors
