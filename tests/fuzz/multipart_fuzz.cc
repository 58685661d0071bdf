// SPDX-License-Identifier: MIT
// Invariant: a body cut into any spans gives the same parts, bytes and outcome as the whole body;
// and a form that was built from parts is read back exactly. Views lie in the memory given.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/http/multipart.h"

namespace {

using namespace wherry;
using http::MultipartParser;
using Kind = MultipartParser::Event::Kind;

constexpr std::string_view kBoundary = "-b";  // short, so that chance finds it
constexpr std::size_t kHeadSize = 128;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Part {
  std::string name;
  std::string filename;
  bool has_filename = false;
  std::string content_type;
  std::string data;
  bool complete = false;

  bool operator==(const Part&) const = default;
};

struct Outcome {
  std::vector<Part> parts;
  Error error = Error::none;
  bool ended = false;

  bool operator==(const Outcome&) const = default;
};

/// Hands out the fuzzer's bytes.
class Source {
 public:
  explicit Source(std::string_view text) : rest_(text) {}

  std::uint8_t byte() { return static_cast<std::uint8_t>(text(1).empty() ? 0 : last_.front()); }
  std::string_view text(std::size_t size) {
    last_ = rest_.substr(0, size);
    rest_.remove_prefix(last_.size());
    return last_;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  std::string_view last_;
};

/// Feeds one span, from memory of exactly its size.
Error feed(MultipartParser& parser, std::string_view text, std::string_view head,
           Outcome& outcome) {
  const auto copy = std::make_unique<char[]>(text.size());
  std::ranges::copy(text, copy.get());
  Bytes input = as_bytes({copy.get(), text.size()});
  const auto in_head = [head](std::string_view view) {
    return view.empty() ||
           (view.data() >= head.data() && view.data() + view.size() <= head.data() + head.size());
  };
  while (true) {
    const auto event = parser.next(input);
    if (!event) return event.error();
    switch (event->kind) {
      case Kind::need_input:
        require(input.empty());
        return Error::none;
      case Kind::part_begin: {
        require(outcome.parts.empty() || outcome.parts.back().complete);
        const http::PartHead& part = parser.part();
        require(in_head(part.name) && in_head(part.filename) && in_head(part.content_type));
        const auto disposition = part.header("content-disposition");
        require(!disposition && part.header("X-A").value_or("").size() <= kHeadSize);
        outcome.parts.push_back({std::string(part.name), std::string(part.filename),
                                 part.has_filename, std::string(part.content_type), "", false});
        break;
      }
      case Kind::data:
        require(!event->data.empty() && !outcome.parts.back().complete);
        outcome.parts.back().data += as_text(event->data);
        break;
      case Kind::part_end:
        require(!outcome.parts.back().complete);
        outcome.parts.back().complete = true;
        break;
      case Kind::end:
        require(!outcome.ended && (outcome.parts.empty() || outcome.parts.back().complete));
        outcome.ended = true;
        break;
    }
  }
}

/// Reads `body` in spans whose sizes `cuts` gives, over and over; without cuts as a whole.
Outcome read(std::string_view body, std::string_view cuts) {
  std::array<char, kHeadSize> head;
  MultipartParser parser(kBoundary, head);
  Outcome outcome;
  std::size_t index = 0;
  while (!body.empty() && outcome.error == Error::none) {
    const std::size_t size =
        cuts.empty() ? body.size() : static_cast<std::uint8_t>(cuts[index++ % cuts.size()]) % 33;
    const std::string_view span = body.substr(0, std::max(size, std::size_t{1}));
    outcome.error = feed(parser, span, {head.data(), head.size()}, outcome);
    body.remove_prefix(span.size());
  }
  if (outcome.error == Error::none) outcome.error = error_of(parser.finish());
  require((outcome.error == Error::none) <= outcome.ended);
  return outcome;
}

Outcome read_both_ways(std::string_view body, std::string_view cuts) {
  const Outcome whole = read(body, {});
  require(read(body, cuts) == whole);
  require(read(body, std::string_view("\1", 1)) == whole);
  return whole;
}

/// A form as curl would write it, from parts whose data holds no delimiter.
void build_and_read_back(Source& source, std::string_view cuts) {
  Outcome expected{{}, Error::none, true};
  std::string body(source.text(source.byte() % 4));
  const std::string delimiter = "\r\n--" + std::string(kBoundary);
  if (("\r\n" + body + "\r\n").find(delimiter) != std::string::npos) return;
  if (!body.empty()) body += "\r\n";
  while (!source.rest().empty() && expected.parts.size() < 8) {
    Part part{"n", "", true, "", std::string(source.text(source.byte())), true};
    if (("\r\n" + part.data).find(delimiter) != std::string::npos) return;
    body +=
        "--" + std::string(kBoundary) + "\r\nContent-Disposition: form-data; name=n; filename=\"";
    for (const char c : source.text(source.byte() % 20)) {
      if (c < 0x20 || c >= 0x7F || c == '%') continue;
      part.filename += c;
      if (c == '"' || c == '\\') body += '\\';
      body += c;
    }
    body += "\"\r\n\r\n" + part.data + "\r\n";
    expected.parts.push_back(part);
  }
  body += "--" + std::string(kBoundary) + "--\r\n";
  require(read_both_ways(body, cuts) == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Source source({reinterpret_cast<const char*>(data), size});
  const bool build = source.byte() % 2 == 1;
  const std::string_view cuts = source.text(source.byte() % 8);
  if (build) {
    build_and_read_back(source, cuts);
  } else {
    read_both_ways(source.rest(), cuts);
    const auto boundary = http::multipart_boundary(source.rest());
    require(!boundary || MultipartParser::is_boundary(*boundary));
  }
  return 0;
}
