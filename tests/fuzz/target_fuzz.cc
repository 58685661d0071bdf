// SPDX-License-Identifier: MIT
// Invariant: path and query of a target are parts of it, without '#' and with whole escapes only;
// the path begins with '/' unless it is "*"; a value that a query yields is never longer than it
// was sent.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "wherry/base/ascii.h"
#include "wherry/http/target.h"

namespace {

using namespace wherry;

void check(bool holds) {
  if (!holds) std::abort();
}

bool is_inside(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

bool has_whole_escapes(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (text.size() - i < 3 || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2]))
      return false;
  }
  return true;
}

void check_query(std::string_view query, bool valid) {
  char memory[64];
  http::QueryReader reader(query);
  while (const std::optional<http::QueryPair> pair = reader.next()) {
    check(is_inside(pair->name, query) && is_inside(pair->value, query));
    const auto value = http::query_value(query, pair->name, memory);
    if (!value) {
      check(!valid || query.size() > sizeof(memory));
    } else if (*value) {
      check((*value)->size() <= query.size());
    }
    const bool plain = pair->name.find_first_of("%+") == std::string_view::npos;
    check(!plain || !value || value->has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check_query(text, has_whole_escapes(text));
  if (text.empty()) return 0;
  const http::Method method = text[0] == 'O' ? http::Method::options : http::Method::get;
  text.remove_prefix(1);
  const Result<http::Target> target = http::parse_target(text, method);
  if (!target) {
    check(target.error() == Error::malformed || target.error() == Error::bad_request);
    return 0;
  }
  check(target->asterisk == (target->path == "*"));
  if (target->asterisk) return 0;
  check(target->path.starts_with('/') && target->path.find_first_of("?#") == text.npos);
  check(target->path == "/" || is_inside(target->path, text));
  check(target->query.empty() || is_inside(target->query, text));
  check(target->query.find('#') == text.npos);
  check(has_whole_escapes(target->path) && has_whole_escapes(target->query));
  check_query(target->query, true);
  return 0;
}
