// SPDX-License-Identifier: MIT
// Invariant: for any file name the header is one line of visible ASCII within the stated size, and
// a form's reader, and that of a request's own field, find in it the name without controls and
// folders; any head of a part, and any such field, is read inside its memory, into names that are
// UTF-8.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/base/utf8.h"
#include "wherry/http/content_disposition.h"
#include "wherry/http/part_head.h"

namespace {

using namespace wherry;

void require(bool holds) {
  if (!holds) std::abort();
}

/// What a client is meant to save: nothing when the name is not UTF-8.
std::string visible_name(std::string_view name) {
  name.remove_prefix(name.rfind('/') + 1);
  std::string visible;
  while (!name.empty()) {
    const Utf8Sequence sequence = first_utf8_sequence(name);
    if (sequence.size == 0) return {};
    const bool control =
        sequence.code_point < 0x20 || (sequence.code_point >= 0x7F && sequence.code_point < 0xA0);
    if (!control) visible += name.substr(0, sequence.size);
    name.remove_prefix(sequence.size);
  }
  return visible;
}

void write_and_read_back(std::string_view name) {
  std::vector<char> memory(5 * name.size() + 42);
  TextWriter writer{std::span<char>(memory)};
  http::write_attachment(name, writer);
  require(!writer.overflowed());
  for (const char c : writer.view()) require(c >= 0x20 && c < 0x7F);
  const std::string visible = visible_name(name);
  if (visible.empty()) return;
  std::string head = "Content-Disposition: form-data; name=n";
  head += writer.view().substr(std::string_view("attachment").size());
  const auto part = http::parse_part_head(head);
  require(part && part->has_filename && part->filename == visible);
  std::string value(writer.view());
  const auto filename = http::parse_disposition_filename(value);
  require(filename && *filename == visible);
}

void read_value(std::string_view text) {
  const auto memory = std::make_unique<char[]>(text.size());
  text.copy(memory.get(), text.size());
  const auto filename = http::parse_disposition_filename({memory.get(), text.size()});
  if (filename && *filename) require(is_valid_utf8(**filename));
}

void read_head(std::string_view text) {
  const auto memory = std::make_unique<char[]>(text.size());
  text.copy(memory.get(), text.size());
  const auto part = http::parse_part_head({memory.get(), text.size()});
  if (!part) return;
  require(is_valid_utf8(part->name) && is_valid_utf8(part->filename));
  require(part->has_filename || part->filename.empty());
  require(part->filename.ends_with(http::last_segment(part->filename)));
  require(part->header("Content-Type").value_or("") == part->content_type);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  write_and_read_back(text);
  read_head(text);
  read_value(text);
  return 0;
}
