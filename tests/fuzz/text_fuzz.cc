// SPDX-License-Identifier: MIT
// Invariants: log text is valid UTF-8 on one line, holds no quote and gives the original back; HTML
// text holds no markup; text is valid UTF-8 exactly when it consists of sequences that encode their
// code point in the shortest form; numbers that are read are written back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "wherry/base/ascii.h"
#include "wherry/base/escape.h"
#include "wherry/base/number.h"
#include "wherry/base/utf8.h"

namespace {

using wherry::TextWriter;

void require(bool holds) {
  if (!holds) std::abort();
}

std::size_t shortest_size(std::uint32_t code_point) {
  return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
}

void check_utf8(std::string_view text) {
  const bool valid = wherry::is_valid_utf8(text);
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto sequence = wherry::first_utf8_sequence(rest);
    if (sequence.size == 0) break;
    require(sequence.size == shortest_size(sequence.code_point));
    require(sequence.code_point <= 0x10FFFF && (sequence.code_point >> 11) != 0xD800 >> 11);
    rest.remove_prefix(sequence.size);
  }
  require(valid == rest.empty());
}

void check_log_text(std::string_view text) {
  std::string memory(4 * text.size(), '\0');
  TextWriter writer{std::span<char>(memory)};
  wherry::append_log_text(writer, text);
  require(!writer.overflowed() && wherry::is_valid_utf8(writer.view()));
  std::string original;
  const std::string_view shown = writer.view();
  for (std::size_t i = 0; i < shown.size(); ++i) {
    require(!wherry::is_control(shown[i]) && shown[i] != '"');
    if (shown[i] != '\\') {
      original += shown[i];
      continue;
    }
    require(shown.size() - i >= 4 && shown[i + 1] == 'x');
    const int high = wherry::hex_digit_value(shown[i + 2]);
    const int low = wherry::hex_digit_value(shown[i + 3]);
    require(high >= 0 && low >= 0);
    original += static_cast<char>(high * 16 + low);
    i += 3;
  }
  require(original == text);
}

void check_html(std::string_view text) {
  std::string memory(6 * text.size(), '\0');
  TextWriter writer{std::span<char>(memory)};
  wherry::append_html(writer, text);
  require(!writer.overflowed());
  require(writer.view().find_first_of("<>\"'") == std::string_view::npos);
}

void check_numbers(std::string_view text) {
  char memory[32];
  if (const auto value = wherry::parse_decimal(text)) {
    while (text.size() > 1 && text[0] == '0') text.remove_prefix(1);
    TextWriter writer(memory);
    require(writer.append_decimal(*value).view() == text);
  }
  if (const auto value = wherry::parse_hex(text)) {
    while (text.size() > 1 && text[0] == '0') text.remove_prefix(1);
    TextWriter writer(memory);
    require(wherry::equals_ignoring_case(writer.append_hex(*value).view(), text));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_utf8(text);
  check_log_text(text);
  check_html(text);
  check_numbers(text);
  return 0;
}
