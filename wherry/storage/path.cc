// SPDX-License-Identifier: MIT
#include "wherry/storage/path.h"

#include <cstdint>

#include "wherry/base/utf8.h"

namespace wherry::storage {
namespace {

constexpr bool is_ascii(char character) { return static_cast<unsigned char>(character) < 0x80; }

constexpr char ascii_lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A'))
                                              : character;
}

// Whether some file system might take `segment` for the private folder: they ignore case, dots and
// spaces at the end (FAT), what follows a colon (NTFS) or code points without a shape (ext4 with
// casefold, HFS+). The comparison leaves out more than any of them does: it refuses a few harmless
// names and misses none.
bool is_private(std::string_view segment) noexcept {
  std::size_t matched = 0;
  for (const char character : segment) {
    if (!is_ascii(character)) continue;
    if (matched == kPrivateFolder.size()) {
      if (character == ':') return true;
      if (character != '.' && character != ' ') return false;
    } else if (ascii_lower(character) == kPrivateFolder[matched]) {
      ++matched;
    } else {
      return false;
    }
  }
  return matched == kPrivateFolder.size();
}

bool is_allowed_segment(std::string_view segment) noexcept {
  return !segment.empty() && segment.size() <= kMaxSegmentBytes && segment != "." &&
         segment != ".." && !is_private(segment);
}

bool is_allowed_code_point(std::uint32_t code_point) noexcept {
  const bool is_control = code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F);
  return !is_control && code_point != '\\';
}

bool has_allowed_characters(std::string_view path) noexcept {
  while (!path.empty()) {
    const Utf8Sequence sequence = first_utf8_sequence(path);
    if (sequence.size == 0 || !is_allowed_code_point(sequence.code_point)) return false;
    path.remove_prefix(sequence.size);
  }
  return true;
}

}  // namespace

bool lies_below(std::string_view path, std::string_view folder) noexcept {
  if (folder.empty()) return true;
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

Result<> check_path(std::string_view path) noexcept {
  if (path.empty() || path.size() > kMaxPathBytes) return Error::bad_path;
  if (!has_allowed_characters(path)) return Error::bad_path;
  while (true) {
    const std::size_t slash = path.find('/');
    if (!is_allowed_segment(path.substr(0, slash))) return Error::bad_path;
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
  }
}

}  // namespace wherry::storage
