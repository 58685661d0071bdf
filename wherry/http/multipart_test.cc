// SPDX-License-Identifier: MIT
#include "wherry/http/multipart.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/multipart_vectors.h"

namespace wherry::http {
namespace {

using Kind = MultipartParser::Event::Kind;

struct Part {
  std::string name;
  std::optional<std::string> filename;
  std::string content_type;
  std::string data;
  bool complete = false;

  bool operator==(const Part&) const = default;
};

/// What a form came to.
struct Outcome {
  std::vector<Part> parts;
  Error error = Error::none;
  bool ended = false;

  bool operator==(const Outcome&) const = default;
};

/// Feeds one span, which ends at a page that cannot be read.
Error feed(MultipartParser& parser, std::string_view text, Outcome& outcome) {
  const GuardedText guarded(text);
  Bytes input = guarded.bytes();
  while (true) {
    const auto event = parser.next(input);
    if (!event) return event.error();
    switch (event->kind) {
      case Kind::need_input:
        EXPECT_TRUE(input.empty());
        return Error::none;
      case Kind::part_begin: {
        const PartHead& head = parser.part();
        outcome.parts.push_back({std::string(head.name), std::nullopt,
                                 std::string(head.content_type), std::string(), false});
        if (head.has_filename) outcome.parts.back().filename = std::string(head.filename);
        break;
      }
      case Kind::data:
        EXPECT_FALSE(event->data.empty());
        outcome.parts.back().data += as_text(event->data);
        break;
      case Kind::part_end:
        outcome.parts.back().complete = true;
        break;
      case Kind::end:
        EXPECT_FALSE(outcome.ended);
        outcome.ended = true;
        break;
    }
  }
}

/// Reads a form that comes in these spans.
Outcome read_spans(const std::vector<std::string_view>& spans,
                   std::string_view boundary = kFormBoundary, std::size_t head_size = 512) {
  GuardedText head(head_size);
  MultipartParser parser(boundary, head.span());
  Outcome outcome;
  for (const std::string_view span : spans) {
    outcome.error = feed(parser, span, outcome);
    if (outcome.error != Error::none) return outcome;
  }
  outcome.error = error_of(parser.finish());
  return outcome;
}

/// Reads a form whole, byte by byte and cut in two at every place; all must come to the same.
Outcome read(std::string_view body, std::string_view boundary = kFormBoundary) {
  const Outcome whole = read_spans({body}, boundary);
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < body.size(); ++i) bytes.push_back(body.substr(i, 1));
  EXPECT_EQ(read_spans(bytes, boundary), whole) << "byte by byte: " << body;
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    EXPECT_EQ(read_spans({body.substr(0, cut), body.substr(cut)}, boundary), whole)
        << "cut at " << cut << ": " << body;
  }
  return whole;
}

Outcome form_of(std::vector<Part> parts) { return {std::move(parts), Error::none, true}; }

Part field(std::string name, std::string data) {
  return {std::move(name), std::nullopt, "", std::move(data), true};
}

/// A form of one field `a` with this data.
std::string form_with(std::string_view data) {
  return std::string(kBeforeFormData).append(data).append(kAfterFormData);
}

TEST(Multipart, FieldAndFileAreReadAsABrowserSendsThem) {
  const std::string body =
      "--XyZ\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n"
      "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.bin\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n\x01\x02\r\n\x03\r\n--XyZ--\r\n";
  EXPECT_EQ(read(body),
            form_of({field("title", "Hello"),
                     {"file", "a b.bin", "application/octet-stream", "\x01\x02\r\n\x03", true}}));
}

class MultipartData : public testing::TestWithParam<FormDataVector> {};

TEST_P(MultipartData, ComesOutAsItWasSent) {
  EXPECT_EQ(read(form_with(GetParam().data)), form_of({field("a", std::string(GetParam().data))}));
}

INSTANTIATE_TEST_SUITE_P(Rows, MultipartData, testing::ValuesIn(kFormDataVectors));

TEST(Multipart, EveryByteValueComesThrough) {
  std::string data;
  for (int round = 0; round < 2; ++round) {
    for (int value = 0; value < 256; ++value) data.push_back(static_cast<char>(value));
  }
  EXPECT_EQ(read(form_with(data)), form_of({field("a", data)}));
}

class MultipartAccepts : public testing::TestWithParam<FormVector> {};

TEST_P(MultipartAccepts, OneFieldWithTheValue1) {
  EXPECT_EQ(read(GetParam().body), form_of({field("a", "1")})) << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(Rows, MultipartAccepts, testing::ValuesIn(kOneFieldFormVectors));

class MultipartRefuses : public testing::TestWithParam<FormVector> {};

TEST_P(MultipartRefuses, AsBadForm) {
  const Outcome outcome = read(GetParam().body);
  EXPECT_EQ(outcome.error, Error::bad_form) << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(Rows, MultipartRefuses, testing::ValuesIn(kRefusedFormVectors));

TEST(Multipart, ATruncatedFormIsNeverComplete) {
  const std::string_view body = kPlainForm;
  for (std::size_t size = 0; size < body.size(); ++size) {
    const Outcome outcome = read_spans({body.substr(0, size)});
    EXPECT_EQ(outcome.error, Error::bad_form) << size;
    EXPECT_FALSE(outcome.ended) << size;
    for (const Part& part : outcome.parts) EXPECT_FALSE(part.complete) << size;
  }
  EXPECT_EQ(read_spans({body}).error, Error::none);
}

TEST(Multipart, AFormWithoutPartsIsAForm) {
  EXPECT_EQ(read("--XyZ--\r\n"), form_of({}));
  EXPECT_EQ(read("preamble\r\n--XyZ--"), form_of({}));
}

TEST(Multipart, TheBlankLineOfAnEmptyPartMayBelongToTheDelimiter) {
  EXPECT_EQ(read("--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n--XyZ\r\n"
                 "Content-Disposition: form-data; name=b\r\n\r\n--XyZ--\r\n"),
            form_of({field("a", ""), field("b", "")}));
}

TEST(Multipart, ABoundaryThatBeginsLikeALineOfDashesIsFound) {
  EXPECT_EQ(read("-----\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n----x\r\n-----"
                 "--\r\n",
                 "---"),
            form_of({field("a", "\r\n----x")}));
}

TEST(Multipart, TheLongestBoundaryIsFound) {
  const std::string boundary(kMaxBoundarySize, 'b');
  EXPECT_EQ(read("--" + boundary + "\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--" +
                     boundary.substr(1) + "\r\n--" + boundary + "--",
                 boundary),
            form_of({field("a", "\r\n--" + boundary.substr(1))}));
}

TEST(Multipart, DataIsASubspanOfTheInput) {
  const std::string body = form_with(std::string(100'000, 'x') + "\r\n--Xy" + std::string(9, 'y'));
  std::array<char, 256> head;
  MultipartParser parser(kFormBoundary, head);
  const Bytes whole = as_bytes(body);
  Bytes input = whole;
  std::size_t data_events = 0;
  while (true) {
    const auto event = parser.next(input);
    ASSERT_TRUE(event);
    if (event->kind == Kind::need_input) break;
    if (event->kind != Kind::data) continue;
    ++data_events;
    EXPECT_GE(event->data.data(), whole.data());
    EXPECT_LE(event->data.data() + event->data.size(), whole.data() + whole.size());
  }
  EXPECT_EQ(data_events, 1U) << "a look-alike inside one span must not cut the data";
}

TEST(Multipart, EndComesWithoutFurtherInput) {
  std::array<char, 256> head;
  MultipartParser parser(kFormBoundary, head);
  Bytes input = as_bytes(kPlainForm);
  std::vector<Kind> kinds;
  do kinds.push_back(parser.next(input).value().kind);
  while (kinds.back() != Kind::need_input);
  EXPECT_EQ(kinds, (std::vector{Kind::part_begin, Kind::data, Kind::part_end, Kind::end,
                                Kind::need_input}));
}

TEST(Multipart, TheHeadStaysUntilThePartEnds) {
  const std::string body = form_with("1") + "epilogue";
  std::array<char, 256> head;
  MultipartParser parser(kFormBoundary, head);
  Bytes input = as_bytes(body);
  EXPECT_EQ(parser.next(input).value().kind, Kind::part_begin);
  EXPECT_EQ(parser.next(input).value().kind, Kind::data);
  EXPECT_EQ(parser.next(input).value().kind, Kind::part_end);
  EXPECT_EQ(parser.part().name, "a");
}

TEST(Multipart, AnErrorStays) {
  std::array<char, 256> head;
  MultipartParser parser(kFormBoundary, head);
  Bytes input = as_bytes("--XyZ!");
  EXPECT_EQ(error_of(parser.next(input)), Error::bad_form);
  input = as_bytes(kPlainForm);
  EXPECT_EQ(error_of(parser.next(input)), Error::bad_form);
  input = {};
  EXPECT_EQ(error_of(parser.next(input)), Error::bad_form);
  EXPECT_EQ(error_of(parser.finish()), Error::bad_form);
}

TEST(Multipart, AHeadOverItsBufferIsTooLarge) {
  constexpr std::string_view kLine = "Content-Disposition: form-data; name=a";
  const std::size_t fits = kLine.size() + 1;  // its end of line
  EXPECT_EQ(read_spans({kPlainForm}, kFormBoundary, fits), form_of({field("a", "1")}));
  EXPECT_EQ(read_spans({kPlainForm}, kFormBoundary, fits - 1).error, Error::header_too_large);
  EXPECT_EQ(read_spans({kPlainForm}, kFormBoundary, 0).error, Error::header_too_large);
  const std::string endless = "--XyZ\r\nX: " + std::string(100'000, 'x');
  EXPECT_EQ(read_spans({endless}).error, Error::header_too_large);
}

TEST(Multipart, ManyPartsUseOneHeadBuffer) {
  std::string body;
  std::vector<Part> parts;
  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(i);
    body +=
        "--XyZ\r\nContent-Disposition: form-data; name=n" + number + "\r\n\r\n" + number + "\r\n";
    parts.push_back(field("n" + number, number));
  }
  body += "--XyZ--";
  EXPECT_EQ(read_spans({body}), form_of(parts));
}

class MultipartBoundary : public testing::TestWithParam<BoundaryVector> {};

TEST_P(MultipartBoundary, IsFoundOrRefused) {
  const GuardedText value(GetParam().content_type);
  const auto found = multipart_boundary(value.view());
  EXPECT_EQ(error_of(found), GetParam().error);
  if (found) {
    EXPECT_EQ(*found, GetParam().boundary);
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, MultipartBoundary, testing::ValuesIn(kBoundaryVectors));

}  // namespace
}  // namespace wherry::http
