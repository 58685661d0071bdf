// SPDX-License-Identifier: MIT
#include "wherry/http/content_disposition.h"

#include <cstdint>

#include "wherry/base/percent.h"
#include "wherry/base/utf8.h"

namespace wherry::http {
namespace {

/// C0, DEL and C1.
bool is_control_code(std::uint32_t code_point) noexcept {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

/// Takes the first character of a not empty text that may be no UTF-8: then it is one byte.
struct Character {
  std::string_view text;
  std::uint32_t code_point;
};

Character take_character(std::string_view& rest) noexcept {
  Utf8Sequence sequence = first_utf8_sequence(rest);
  if (sequence.size == 0) sequence = {0xFFFD, 1};
  const Character character{rest.substr(0, sequence.size), sequence.code_point};
  rest.remove_prefix(sequence.size);
  return character;
}

bool has_visible(std::string_view name) noexcept {
  while (!name.empty()) {
    if (!is_control_code(take_character(name).code_point)) return true;
  }
  return false;
}

/// Whether a quoted-string of the name would lose something, or be read in different ways: some
/// clients decode `%41` in it, some take `\"` for two characters (RFC 6266 appendix D).
bool wants_extended(std::string_view name) noexcept {
  if (!is_valid_utf8(name)) return false;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) >= 0x80 || c == '"' || c == '\\' || c == '%') return true;
  }
  return false;
}

}  // namespace

void write_attachment(std::string_view filename, TextWriter& into) noexcept {
  const std::size_t slash = filename.rfind('/');
  if (slash != std::string_view::npos) filename.remove_prefix(slash + 1);
  into.append("attachment");
  if (!has_visible(filename)) return;
  into.append("; filename=\"");
  for (std::string_view rest = filename; !rest.empty();) {
    const Character character = take_character(rest);
    if (is_control_code(character.code_point)) continue;
    if (character.code_point == '"' || character.code_point == '\\') into.append('\\');
    into.append(character.code_point < 0x80 ? character.text : "_");
  }
  into.append('"');
  if (!wants_extended(filename)) return;
  into.append("; filename*=UTF-8''");
  for (std::string_view rest = filename; !rest.empty();) {
    const Character character = take_character(rest);
    if (!is_control_code(character.code_point)) percent_encode_attribute(character.text, into);
  }
}

}  // namespace wherry::http
