// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>

#include "tests/vectors/tables.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/chunked.h"
#include "wherry/http/chunked_vectors.h"
#include "wherry/http/multipart.h"
#include "wherry/http/multipart_vectors.h"
#include "wherry/http/part_head.h"
#include "wherry/http/part_head_vectors.h"

namespace wherry::vectors {
namespace {

using namespace wherry::http;

/// The first piece has `first` bytes (0: there is none such), each one after it `next` bytes.
struct Cut {
  std::size_t first;
  std::size_t next;
};

constexpr Cut kWhole{0, SIZE_MAX};
constexpr Cut kByteByByte{0, 1};

/// Takes the next piece from the front of `rest`.
std::string_view take_piece(std::string_view& rest, Cut& cut) {
  const std::size_t wanted = cut.first > 0 ? cut.first : cut.next;
  cut.first = 0;
  const std::string_view piece = rest.substr(0, wanted);
  rest.remove_prefix(piece.size());
  return piece;
}

/// Whether `is_right(cut)` says so for every cut into two.
template <class IsRight>
bool is_right_at_every_cut(std::size_t size, IsRight is_right) {
  for (std::size_t first = 1; first < size; ++first) {
    if (!is_right(Cut{first, SIZE_MAX})) return false;
  }
  return true;
}

/// A chunked body, and what came out of it.
class Decoded {
 public:
  Decoded(std::string_view body, Cut cut) {
    while (!body.empty() && error_ == Error::none && !decoder_.finished()) {
      feed(take_piece(body, cut));
    }
  }

  bool is(const ChunkedVector& row) const {
    if (!row.valid) return error_ == Error::malformed && !decoder_.finished();
    return error_ == Error::none && decoder_.finished() && consumed_ == row.body.size() &&
           !data_.overflowed() && data_.view() == row.data;
  }

 private:
  void feed(std::string_view piece) {
    while (!piece.empty() && !decoder_.finished()) {
      const Result<ChunkedDecoder::Step> step = decoder_.decode(as_bytes(piece));
      if (!step || step->consumed == 0) {
        error_ = step ? Error::internal : step.error();
        return;
      }
      data_.append(as_text(step->data));
      consumed_ += step->consumed;
      piece.remove_prefix(step->consumed);
    }
  }

  std::array<char, 64> memory_;
  TextWriter data_{std::span<char>(memory_)};
  ChunkedDecoder decoder_;
  std::size_t consumed_ = 0;
  Error error_ = Error::none;
};

/// A form, and what came out of it; heads of parts have a buffer of 256 bytes.
class Form {
 public:
  Form(std::string_view body, Cut cut) {
    while (!body.empty() && error_ == Error::none) feed(take_piece(body, cut));
    if (error_ == Error::none) error_ = error_of(parser_.finish());
  }

  Error error() const { return error_; }

  /// Whether it has one field called `a` with this value.
  bool is_one_field(std::string_view value) const {
    return error_ == Error::none && ended_ && begun_ == 1 && complete_ == 1 && is_named_a_ &&
           !data_.overflowed() && data_.view() == value;
  }

 private:
  using Kind = MultipartParser::Event::Kind;

  void feed(std::string_view piece) {
    Bytes input = as_bytes(piece);
    while (true) {
      const auto event = parser_.next(input);
      if (!event) {
        error_ = event.error();
        return;
      }
      switch (event->kind) {
        case Kind::need_input:
          if (!input.empty()) error_ = Error::internal;
          return;
        case Kind::part_begin:
          ++begun_;
          is_named_a_ = parser_.part().name == "a" && !parser_.part().has_filename;
          break;
        case Kind::data:
          data_.append(as_text(event->data));
          break;
        case Kind::part_end:
          ++complete_;
          break;
        case Kind::end:
          ended_ = true;
          break;
      }
    }
  }

  std::array<char, 256> head_;
  std::array<char, 128> memory_;
  TextWriter data_{std::span<char>(memory_)};
  MultipartParser parser_{kFormBoundary, head_};
  std::size_t begun_ = 0;
  std::size_t complete_ = 0;
  bool is_named_a_ = false;
  bool ended_ = false;
  Error error_ = Error::none;
};

bool carries_data(const FormDataVector& row, Cut cut) {
  std::array<char, 256> memory;
  TextWriter body{std::span<char>(memory)};
  body.append(kBeforeFormData).append(row.data).append(kAfterFormData);
  return !body.overflowed() && Form(body.view(), cut).is_one_field(row.data);
}

bool carries_data_at_every_cut(const FormDataVector& row) {
  const std::size_t size = kBeforeFormData.size() + row.data.size() + kAfterFormData.size();
  return is_right_at_every_cut(size, [&row](Cut cut) { return carries_data(row, cut); });
}

bool is_refused(const FormVector& row, Cut cut) {
  return Form(row.body, cut).error() == Error::bad_form;
}

bool boundary_is_right(const BoundaryVector& row) {
  const Result<std::string_view> boundary = multipart_boundary(row.content_type);
  return error_of(boundary) == row.error && (!boundary || *boundary == row.boundary);
}

constexpr std::size_t kMaxPartHead = 128;

bool part_name_is_right(const PartNameVector& row) {
  std::array<char, kMaxPartHead> memory;
  TextWriter lines{std::span<char>(memory)};
  lines.append("Content-Disposition: form-data; ").append(row.parameters);
  const Result<PartHead> part = parse_part_head(std::span(memory).first(lines.size()));
  return !lines.overflowed() && part && part->name == row.name &&
         part->has_filename == row.filename.has_value() &&
         part->filename == row.filename.value_or("");
}

bool part_head_is_refused(std::string_view text) {
  std::array<char, kMaxPartHead> memory;
  TextWriter lines{std::span<char>(memory)};
  lines.append(text);
  const Result<PartHead> part = parse_part_head(std::span(memory).first(lines.size()));
  return !lines.overflowed() && error_of(part) == Error::bad_form;
}

void run_form_tables(Report& report) {
  report.table("http/multipart: data", kFormDataVectors,
               [](const FormDataVector& row) { return carries_data(row, kWhole); });
  report.table("http/multipart: data, cut in two", kFormDataVectors, carries_data_at_every_cut);
  report.table("http/multipart: data, byte by byte", kFormDataVectors,
               [](const FormDataVector& row) { return carries_data(row, kByteByByte); });
  report.table("http/multipart: one field", kOneFieldFormVectors,
               [](const FormVector& row) { return Form(row.body, kWhole).is_one_field("1"); });
  report.table("http/multipart: one field, byte by byte", kOneFieldFormVectors,
               [](const FormVector& row) { return Form(row.body, kByteByByte).is_one_field("1"); });
  report.table("http/multipart: refused", kRefusedFormVectors,
               [](const FormVector& row) { return is_refused(row, kWhole); });
  report.table("http/multipart: refused, byte by byte", kRefusedFormVectors,
               [](const FormVector& row) { return is_refused(row, kByteByByte); });
  report.table("http/multipart: boundary", kBoundaryVectors, boundary_is_right);
  report.table("http/part_head: names", kPartNameVectors, part_name_is_right);
  report.table("http/part_head: refused", kRefusedPartHeadVectors, part_head_is_refused);
}

}  // namespace

void run_body_tables(Report& report) {
  report.table("http/chunked", kChunkedVectors,
               [](const ChunkedVector& row) { return Decoded(row.body, kWhole).is(row); });
  report.table("http/chunked: cut in two", kChunkedVectors, [](const ChunkedVector& row) {
    return is_right_at_every_cut(row.body.size(),
                                 [&row](Cut cut) { return Decoded(row.body, cut).is(row); });
  });
  report.table("http/chunked: byte by byte", kChunkedVectors,
               [](const ChunkedVector& row) { return Decoded(row.body, kByteByByte).is(row); });
  run_form_tables(report);
}

}  // namespace wherry::vectors
