// SPDX-License-Identifier: MIT
// Invariant: scanning in any pieces gives the answer of scanning the whole; what is parsed is made
// of views into the head, every field listed is found and counted again, and no head is over the
// limits. Framing, host, expectations and cookies are read from whatever parses.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wherry/base/ascii.h"
#include "wherry/base/bytes.h"
#include "wherry/http/cookie.h"
#include "wherry/http/field_value.h"
#include "wherry/http/framing.h"
#include "wherry/http/request_head.h"

namespace {

using namespace wherry;

constexpr http::HeadLimits kLimits{64, 256};

void check(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  Error error = Error::none;
  std::size_t size = 0;
  bool operator==(const Outcome&) const = default;
};

/// The pieces are as long as the bytes of `steps` say, over and over.
Outcome scan_in_pieces(std::string_view text, std::string_view steps) {
  http::HeadScanner scanner(kLimits);
  std::size_t size = 0;
  for (std::size_t i = 0;; ++i) {
    const Result<std::size_t> scanned = scanner.scan(text.substr(0, size));
    if (!scanned) return {scanned.error(), 0};
    if (*scanned != 0 || size == text.size()) return {Error::none, *scanned};
    check(size < kLimits.max_header_bytes);
    const std::size_t step =
        steps.empty() ? 1 : static_cast<unsigned char>(steps[i % steps.size()]);
    size = std::min(text.size(), size + std::max<std::size_t>(step % 40, 1));
  }
}

bool is_inside(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void check_fields(const http::RequestHead& head, std::string_view text) {
  for (const http::Field field : head.fields()) {
    check(is_token(field.name) && is_inside(field.name, text) && is_inside(field.value, text));
    check(trim_ows(field.value) == field.value);
    check(std::ranges::none_of(field.value, [](char c) { return is_control(c) && c != '\t'; }));
    const auto first = head.find(field.name);
    check(first.has_value() && is_inside(*first, text));
    bool seen = false;
    std::size_t count = 0;
    head.for_each(field.name, [&](std::string_view value) {
      ++count;
      seen = seen || value.data() == field.value.data();
    });
    check(seen && count == head.count(field.name));
    static_cast<void>(http::find_cookie(field.value, "a"));
    char memory[8];
    http::ParameterReader reader(field.value);
    while (const auto parameter = reader.next()) {
      if (!*parameter) break;
      check(is_token((*parameter)->name) && is_inside((*parameter)->raw, text));
      static_cast<void>((*parameter)->text(memory));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // The first byte tells how many bytes of steps follow; the rest is what a client sends.
  const std::size_t step_count = input.empty() ? 0 : static_cast<unsigned char>(input[0]) % 8;
  if (input.size() < 1 + step_count) return 0;
  const std::string_view steps = input.substr(1, step_count);
  const std::string_view text = input.substr(1 + step_count);

  http::HeadScanner scanner(kLimits);
  const Result<std::size_t> whole = scanner.scan(text);
  const Outcome outcome{error_of(whole), whole.value_or(0)};
  check(scan_in_pieces(text, steps) == outcome);
  check(scan_in_pieces(text, {}) == outcome);
  check(outcome.size <= std::min(text.size(), kLimits.max_header_bytes));

  // A parser must not need the scanner.
  static_cast<void>(http::RequestHead::parse(text));
  if (outcome.size == 0) return 0;
  const std::string_view head_text = text.substr(0, outcome.size);
  const Result<http::RequestHead> head = http::RequestHead::parse(head_text);
  if (!head) {
    check(head.error() == Error::malformed || head.error() == Error::version_not_supported);
    return 0;
  }
  check(is_token(head->method_text()) && !head->target().empty());
  check(is_inside(head->method_text(), head_text) && is_inside(head->target(), head_text));
  check_fields(*head, head_text);
  if (const Result<http::BodyFraming> framing = http::body_framing(*head)) {
    using Kind = http::BodyFraming::Kind;
    check(head->find("Transfer-Encoding").has_value() == (framing->kind == Kind::chunked));
    check(head->count("Content-Length") == (framing->kind == Kind::length ? 1U : 0U));
  }
  static_cast<void>(http::check_host(*head));
  static_cast<void>(http::keeps_alive(*head));
  static_cast<void>(http::expects_continue(*head));
  return 0;
}
