// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "tests/vectors/tables.h"
#include "wherry/base/base64.h"
#include "wherry/base/base64_vectors.h"
#include "wherry/base/crc32.h"
#include "wherry/base/crc32_vectors.h"
#include "wherry/base/crc32c.h"
#include "wherry/base/crc32c_vectors.h"
#include "wherry/base/escape.h"
#include "wherry/base/escape_vectors.h"
#include "wherry/base/number.h"
#include "wherry/base/number_vectors.h"
#include "wherry/base/percent.h"
#include "wherry/base/percent_vectors.h"
#include "wherry/base/sha1.h"
#include "wherry/base/sha1_vectors.h"
#include "wherry/base/sha256.h"
#include "wherry/base/sha256_vectors.h"
#include "wherry/base/utf8.h"
#include "wherry/base/utf8_vectors.h"

namespace wherry::vectors {
namespace {

constexpr std::size_t kMaxText = 256;

/// Whether the CRC is right wherever the bytes begin: some cores read words at multiples of 4 only.
bool crc_is_right_at_each_alignment(const Crc32Vector& row) {
  alignas(8) std::array<char, kMaxText + 8> memory;
  for (std::size_t offset = 0; offset < 8; ++offset) {
    std::ranges::copy(row.text, memory.begin() + static_cast<std::ptrdiff_t>(offset));
    const Bytes bytes = as_bytes({memory.data() + offset, row.text.size()});
    if (crc32(bytes) != row.crc || crc32_portable(bytes) != row.crc) return false;
  }
  return true;
}

bool crc_is_right_in_pieces(const Crc32Vector& row) {
  for (std::size_t split = 0; split <= row.text.size(); ++split) {
    Crc32 crc;
    crc.update(as_bytes(row.text.substr(0, split)));
    crc.update(as_bytes(row.text.substr(split)));
    if (crc.value() != row.crc) return false;
  }
  return true;
}

/// Whether `write(writer)` appends exactly `expected`.
template <class Write>
bool writes(std::string_view expected, Write write) {
  std::array<char, kMaxText> memory;
  TextWriter writer{std::span<char>(memory)};
  write(writer);
  return !writer.overflowed() && writer.view() == expected;
}

bool is_base64(const Base64Vector& row) {
  std::array<std::byte, kMaxText> into;
  const auto size = base64_decode(row.text, into);
  return size && as_text(Bytes(into).first(*size)) == row.bytes &&
         writes(row.text,
                [&row](TextWriter& writer) { append_base64(as_bytes(row.bytes), writer); });
}

bool is_refused_by_base64(std::string_view text) {
  std::array<std::byte, kMaxText> into;
  return error_of(base64_decode(text, into)) == Error::bad_request;
}

bool crc32c_is_right(const Crc32cVector& row) {
  const Bytes bytes = as_bytes(row.bytes);
  return crc32c(bytes) == row.crc && crc32c_portable(bytes) == row.crc;
}

template <class Digest, class Vector>
bool digest_is_right(const Vector& row) {
  Digest digest;
  for (unsigned i = 0; i < row.times; ++i) digest.update(as_bytes(row.text));
  const auto value = digest.value();
  return writes(row.hex, [&value](TextWriter& writer) {
    for (const std::byte byte : value) writer.append_hex(std::to_integer<unsigned>(byte), 2);
  });
}

bool is_decoded(const PercentVector& row) {
  std::array<char, kMaxText> into;
  const auto size = percent_decode(row.from, std::span(into).first(row.decoded.size()));
  return size && std::string_view(into.data(), *size) == row.decoded;
}

bool is_refused_by_percent_decode(std::string_view from) {
  std::array<char, kMaxText> into;
  return error_of(percent_decode(from, into)) == Error::bad_request;
}

bool is_number(const Result<std::uint64_t>& result, std::uint64_t value) {
  return result.has_value() && *result == value;
}

void run_number_tables(Report& report) {
  report.table("base/number: decimal", kDecimalVectors, [](const NumberVector& row) {
    return is_number(parse_decimal(row.text), row.value);
  });
  report.table("base/number: hexadecimal", kHexVectors,
               [](const NumberVector& row) { return is_number(parse_hex(row.text), row.value); });
  report.table("base/number: no decimal", kRefusedDecimalVectors, [](std::string_view text) {
    return error_of(parse_decimal(text)) == Error::bad_request;
  });
  report.table("base/number: no hexadecimal", kRefusedHexVectors, [](std::string_view text) {
    return error_of(parse_hex(text)) == Error::bad_request;
  });
  report.table("base/number: eight digits", kHex32Vectors,
               [](const Hex32Vector& row) { return hex32(row.value) == row.text; });
  report.table("base/number: a CRC", kReadHex32Vectors, [](const Hex32Vector& row) {
    const Result<std::uint32_t> value = parse_hex32(row.text);
    return value.has_value() && *value == row.value;
  });
  report.table("base/number: no CRC", kRefusedHex32Vectors, [](std::string_view text) {
    return error_of(parse_hex32(text)) == Error::bad_request;
  });
}

void run_digest_tables(Report& report) {
  report.table("base/crc32: at each alignment", kCrc32Vectors, crc_is_right_at_each_alignment);
  report.table("base/crc32: in two pieces", kCrc32Vectors, crc_is_right_in_pieces);
  report.table("base/crc32c", kCrc32cVectors, crc32c_is_right);
  report.table("base/sha1", kSha1Vectors, digest_is_right<Sha1, Sha1Vector>);
  report.table("base/sha256", kSha256Vectors, digest_is_right<Sha256, Sha256Vector>);
  report.table("base/base64", kBase64Vectors, is_base64);
  report.table("base/base64: refused", kRefusedBase64Vectors, is_refused_by_base64);
}

void run_escape_tables(Report& report) {
  report.table("base/escape: plain in a log", kPlainLogVectors, [](std::string_view text) {
    return writes(text, [text](TextWriter& writer) { append_log_text(writer, text); });
  });
  report.table("base/escape: log", kLogTextVectors, [](const EscapeVector& row) {
    return writes(row.escaped, [&row](TextWriter& writer) { append_log_text(writer, row.text); });
  });
  report.table("base/escape: HTML", kHtmlVectors, [](const EscapeVector& row) {
    return writes(row.escaped, [&row](TextWriter& writer) { append_html(writer, row.text); });
  });
}

}  // namespace

void run_base_tables(Report& report) {
  run_digest_tables(report);
  run_number_tables(report);
  report.table("base/percent: decode", kPercentDecodeVectors, is_decoded);
  report.table("base/percent: refused", kRefusedPercentVectors, is_refused_by_percent_decode);
  report.table("base/percent: encode", kPercentEncodeVectors, [](const PercentEncodeVector& row) {
    return writes(row.encoded, [&row](TextWriter& writer) { row.encoder(row.text, writer); });
  });
  report.table("base/utf8: valid", kValidUtf8Vectors, is_valid_utf8);
  report.table("base/utf8: invalid", kInvalidUtf8Vectors,
               [](std::string_view text) { return !is_valid_utf8(text); });
  run_escape_tables(report);
}

}  // namespace wherry::vectors
