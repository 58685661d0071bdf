// SPDX-License-Identifier: MIT
#include <array>
#include <optional>

#include "tests/vectors/tables.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/content_disposition.h"
#include "wherry/http/content_disposition_vectors.h"
#include "wherry/http/date.h"
#include "wherry/http/date_vectors.h"
#include "wherry/http/media_type.h"
#include "wherry/http/media_type_vectors.h"
#include "wherry/http/range_vectors.h"
#include "wherry/http/upload_metadata.h"
#include "wherry/http/upload_metadata_vectors.h"

namespace wherry::vectors {
namespace {

using namespace wherry::http;

bool range_is_right(const RangeVector& row) {
  std::array<ByteRange, kMaxRanges> into;
  const RangeSelection selection = select_ranges(row.value, row.size, into);
  if (selection.kind == RangeSelection::Kind::whole) return row.expected == "whole";
  if (selection.kind == RangeSelection::Kind::unsatisfiable) return row.expected == "unsatisfiable";
  std::array<char, 128> memory;
  TextWriter text{std::span<char>(memory)};
  for (const ByteRange& range : selection.ranges) {
    if (text.size() != 0) text.append(',');
    text.append_decimal(range.first).append('+').append_decimal(range.size);
  }
  return !text.overflowed() && text.view() == row.expected;
}

bool means(std::string_view date, std::int64_t unix_seconds) {
  const Result<std::int64_t> seconds = parse_http_date(date);
  return seconds.has_value() && *seconds == unix_seconds;
}

/// Whether it is read, and the same again after it was written.
bool date_is_right(const DateVector& row) {
  return means(row.text, row.seconds) && means(http_date(row.seconds), row.seconds);
}

bool year_is_right(const ShortYearVector& row) {
  const Result<std::int64_t> seconds = parse_http_date(row.text, row.now);
  if (!seconds) return false;
  const HttpDate date = http_date(*seconds);
  return date.view().substr(12, 4) == row.year;
}

bool attachment_is_right(const AttachmentVector& row) {
  std::array<char, 256> memory;
  TextWriter writer{std::span<char>(memory)};
  write_attachment(row.filename, writer);
  return !writer.overflowed() && writer.view() == row.expected;
}

/// Whether its pairs are read, and no more; nullopt: it is refused.
bool metadata_is(std::string_view field, std::optional<std::string_view> pairs) {
  std::array<char, 128> values;
  std::array<char, 256> memory;
  TextWriter text{std::span<char>(memory)};
  MetadataReader reader(field, values);
  while (true) {
    const auto pair = reader.next();
    if (!pair) return !pairs && pair.error() == Error::bad_request;
    if (!*pair) return pairs && !text.overflowed() && text.view() == *pairs;
    text.append((*pair)->key).append('=').append((*pair)->value).append(';');
  }
}

bool checksum_is_right(const UploadChecksumVector& row) {
  std::array<char, 2 * kSha256Size> memory;
  TextWriter text{std::span<char>(memory)};
  const auto checksum = parse_upload_checksum(row.field);
  if (!checksum || checksum->algorithm != row.algorithm) return false;
  for (const std::byte byte : checksum->value()) {
    text.append_hex(std::to_integer<unsigned>(byte), 2);
  }
  return !text.overflowed() && text.view() == row.hex;
}

void run_range_tables(Report& report) {
  report.table("http/range: satisfiable", kSatisfiableRangeVectors, range_is_right);
  report.table("http/range: unsatisfiable", kUnsatisfiableRangeVectors, range_is_right);
  report.table("http/range: ignored", kIgnoredRangeVectors, range_is_right);
  report.table("http/range: several", kSeveralRangeVectors, range_is_right);
  report.table(
      "http/range: Content-Range", kContentRangeVectors,
      [](const ContentRangeVector& row) { return content_range(row.range, row.size) == row.text; });
}

void run_media_type_tables(Report& report) {
  report.table("http/media_type: of a name", kMediaTypeVectors,
               [](const MediaTypeVector& row) { return media_type_of(row.filename) == row.type; });
  report.table("http/media_type: compared", kMediaTypeIsVectors, [](const MediaTypeIsVector& row) {
    return media_type_is(row.content_type, "application/json") == row.is_json;
  });
  report.table("http/media_type: script", kScriptTypeVectors, can_run_script);
  report.table("http/media_type: no script", kNoScriptTypeVectors,
               [](std::string_view type) { return !can_run_script(type); });
}

void run_upload_metadata_tables(Report& report) {
  report.table("http/upload_metadata", kMetadataVectors,
               [](const MetadataVector& row) { return metadata_is(row.field, row.pairs); });
  report.table("http/upload_metadata: refused", kRefusedMetadataVectors,
               [](std::string_view field) { return metadata_is(field, std::nullopt); });
  report.table("http/upload_metadata: checksum", kUploadChecksumVectors, checksum_is_right);
  report.table("http/upload_metadata: checksum refused", kRefusedUploadChecksumVectors,
               [](std::string_view field) {
                 return error_of(parse_upload_checksum(field)) == Error::bad_request;
               });
}

}  // namespace

void run_value_tables(Report& report) {
  run_range_tables(report);
  report.table("http/date", kDateVectors, date_is_right);
  report.table("http/date: refused", kRefusedDateVectors, [](std::string_view text) {
    return error_of(parse_http_date(text)) == Error::bad_request;
  });
  report.table("http/date: two-digit years", kShortYearVectors, year_is_right);
  report.table("http/date: two-digit years, no clock", kClocklessYearVectors, year_is_right);
  report.table("http/content_disposition", kAttachmentVectors, attachment_is_right);
  run_media_type_tables(report);
  run_upload_metadata_tables(report);
}

}  // namespace wherry::vectors
