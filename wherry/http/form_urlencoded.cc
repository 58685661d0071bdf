// SPDX-License-Identifier: MIT
#include "wherry/http/form_urlencoded.h"

#include "wherry/base/ascii.h"
#include "wherry/base/utf8.h"

namespace wherry::http {
namespace {

/// Decodes `text` to the front of `memory` and takes that front away. Never writes ahead of what it
/// has read, so that `memory` may begin where `text` does, or before.
Result<std::string_view> decode(std::string_view text, std::span<char>& memory) noexcept {
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i] == '+' ? ' ' : text[i];
    if (c == '%') {
      if (text.size() - i < 3) return Error::bad_form;
      const int high = hex_digit_value(text[i + 1]);
      const int low = hex_digit_value(text[i + 2]);
      if (high < 0 || low < 0) return Error::bad_form;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (size == memory.size()) return Error::content_too_large;
    memory[size++] = c;
  }
  const std::string_view decoded(memory.data(), size);
  memory = memory.subspan(size);
  if (!is_valid_utf8(decoded)) return Error::bad_form;
  return decoded;
}

}  // namespace

Result<std::optional<FormField>> FormReader::next() noexcept {
  std::string_view pair;
  while (pair.empty() && !rest_.empty()) pair = split_next(rest_, '&');
  if (pair.empty()) return std::nullopt;
  const std::string_view encoded_name = split_next(pair, '=');
  const auto name = decode(encoded_name, memory_);
  if (!name) return name.error();
  const auto value = decode(pair, memory_);
  if (!value) return value.error();
  return FormField{*name, *value};
}

Result<std::optional<std::string_view>> FormReader::find(std::string_view name) const noexcept {
  FormReader copy = *this;
  while (true) {
    const auto field = copy.next();
    if (!field) return field.error();
    if (!*field) return std::optional<std::string_view>();
    if ((*field)->name == name) return std::optional((*field)->value);
  }
}

}  // namespace wherry::http
