// SPDX-License-Identifier: MIT
#include "wherry/http/framing.h"

#include <cstddef>

#include "wherry/base/ascii.h"
#include "wherry/base/number.h"
#include "wherry/http/host.h"

namespace wherry::http {
namespace {

/// Calls `visit` for each element of a comma-separated list that all fields of that name make
/// (RFC 9110 §5.3, §5.6.1), without white space around it; empty
/// elements too: `a,` has two.
template <class Visit>
void for_each_element(const RequestHead& head, std::string_view name, Visit visit) {
  head.for_each(name, [&visit](std::string_view value) {
    while (true) {
      const std::size_t comma = value.find(',');
      visit(trim_ows(value.substr(0, comma)));
      if (comma == std::string_view::npos) return;
      value.remove_prefix(comma + 1);
    }
  });
}

bool has_element(const RequestHead& head, std::string_view name, std::string_view wanted) {
  bool found = false;
  for_each_element(head, name, [&found, wanted](std::string_view element) {
    found = found || equals_ignoring_case(element, wanted);
  });
  return found;
}

// The codings of all fields make one list. What does not end in exactly one `chunked` has no length
// that can be told: 400, whatever the codings (RFC 9112 §6.3 item 4); other codings before it are
// well framed but unknown here: 501 (RFC 9112 §6.1).
Result<> check_transfer_encoding(const RequestHead& head) noexcept {
  std::size_t other_count = 0;
  std::size_t chunked_count = 0;
  bool last_is_chunked = false;
  bool has_empty = false;
  for_each_element(head, "Transfer-Encoding", [&](std::string_view coding) {
    last_is_chunked = equals_ignoring_case(coding, "chunked");
    ++(last_is_chunked ? chunked_count : other_count);
    has_empty = has_empty || coding.empty();
  });
  if (!last_is_chunked || chunked_count != 1 || has_empty) return Error::malformed;
  if (other_count != 0) return Error::not_implemented;
  return {};
}

}  // namespace

Result<BodyFraming> body_framing(const RequestHead& head) noexcept {
  const std::size_t length_count = head.count("Content-Length");
  if (head.find("Transfer-Encoding")) {
    if (length_count != 0 || head.version_minor() == 0) return Error::malformed;
    if (const Result<> checked = check_transfer_encoding(head); !checked) return checked.error();
    return BodyFraming{BodyFraming::Kind::chunked, 0};
  }
  if (length_count == 0) return BodyFraming{};
  if (length_count > 1) return Error::malformed;
  const Result<std::uint64_t> length = parse_decimal(*head.find("Content-Length"));
  if (!length) return Error::malformed;
  return BodyFraming{BodyFraming::Kind::length, *length};
}

Result<> check_host(const RequestHead& head) noexcept {
  const std::size_t count = head.count("Host");
  if (count > 1 || (count == 0 && head.version_minor() != 0)) return Error::malformed;
  if (count == 1 && !is_host_and_port(*head.find("Host"))) return Error::malformed;
  return {};
}

bool keeps_alive(const RequestHead& head) noexcept {
  if (has_element(head, "Connection", "close")) return false;
  return head.version_minor() != 0 || has_element(head, "Connection", "keep-alive");
}

Result<bool> expects_continue(const RequestHead& head) noexcept {
  if (head.version_minor() == 0) return false;
  bool waits = false;
  bool others = false;
  for_each_element(head, "Expect", [&](std::string_view expectation) {
    const bool is_continue = equals_ignoring_case(expectation, "100-continue");
    waits = waits || is_continue;
    others = others || (!is_continue && !expectation.empty());
  });
  if (others) return Error::expectation_failed;
  return waits;
}

}  // namespace wherry::http
