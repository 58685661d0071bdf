// SPDX-License-Identifier: MIT
#include <array>
#include <optional>

#include "tests/vectors/tables.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/field_value.h"
#include "wherry/http/field_value_vectors.h"
#include "wherry/http/framing_vectors.h"
#include "wherry/http/host.h"
#include "wherry/http/host_vectors.h"
#include "wherry/http/request_head_vectors.h"
#include "wherry/http/target.h"
#include "wherry/http/target_vectors.h"

namespace wherry::vectors {
namespace {

using namespace wherry::http;

/// Scans the first byte, then `step` more at a time; then parses.
Error read_head(std::string_view text, std::size_t step) {
  HeadScanner scanner(kVectorLimits);
  for (std::size_t size = step; true; size += step) {
    const Result<std::size_t> scanned = scanner.scan(text.substr(0, size));
    if (!scanned) return scanned.error();
    if (*scanned != 0) return error_of(RequestHead::parse(text.substr(0, *scanned)));
    if (size >= text.size()) return Error::timed_out;  // the head never ended
  }
}

bool framing_is_right(const FramingVector& row) {
  std::array<char, 256> memory;
  TextWriter request{std::span<char>(memory)};
  request.append("POST / HTTP/").append(row.http_1_0 ? "1.0" : "1.1").append("\r\n");
  request.append(row.fields).append("\r\n");
  const Result<RequestHead> head = RequestHead::parse(request.view());
  if (request.overflowed() || !head) return false;
  const Result<BodyFraming> framing = body_framing(*head);
  if (!framing) return framing.error() == row.error;
  return row.error == Error::none && framing->kind == row.framing.kind &&
         framing->length == row.framing.length;
}

bool target_is_right(const TargetVector& row) {
  const Result<Target> target = parse_target(row.target, row.method);
  if (!target) return target.error() == row.error;
  return row.error == Error::none && target->path == row.path && target->query == row.query &&
         target->asterisk == (row.path == "*");
}

/// Whether the value reads as the row says: see FieldValueVector.
bool field_value_is_right(const FieldValueVector& row) {
  std::array<char, 128> memory;
  TextWriter result{std::span<char>(memory)};
  ParameterReader reader(row.value);
  result.append(reader.item());
  while (true) {
    const Result<std::optional<Parameter>> parameter = reader.next();
    if (!parameter) {
      if (parameter.error() != Error::bad_request) return false;
      result.append("|error");
      break;
    }
    if (!*parameter) break;
    std::array<char, 32> into;
    const Result<std::string_view> text = (*parameter)->text(into);
    if (!text) return false;
    result.append('|').append((*parameter)->name).append("->").append(*text);
  }
  return !result.overflowed() && result.view() == row.expected;
}

}  // namespace

void run_head_tables(Report& report) {
  report.table("http/request_head", kRequestHeadVectors, [](const RequestHeadVector& row) {
    return read_head(row.head, row.head.size()) == row.error;
  });
  report.table("http/request_head: byte by byte", kRequestHeadVectors,
               [](const RequestHeadVector& row) { return read_head(row.head, 1) == row.error; });
  report.table("http/framing", kFramingVectors, framing_is_right);
  report.table("http/target", kTargetVectors, target_is_right);
  report.table("http/host", kHostVectors, is_host_and_port);
  report.table("http/host: refused", kRefusedHostVectors,
               [](std::string_view text) { return !is_host_and_port(text); });
  report.table("http/field_value", kFieldValueVectors, field_value_is_right);
}

}  // namespace wherry::vectors
