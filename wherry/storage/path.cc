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

Result<> check_path(Scope scope, std::string_view path) noexcept {
  if (scope == Scope::served) return check_path(path);
  if (!path.starts_with(kUploadsFolder)) return Error::bad_path;
  const std::string_view name = path.substr(kUploadsFolder.size());
  const bool is_name =
      name.size() > 1 && name.size() <= 1 + kMaxUploadNameBytes && name[0] == '/' &&
      name[1] != '.' &&
      name.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz.-", 1) == std::string_view::npos;
  return is_name ? Result<>() : Result<>(Error::bad_path);
}

Result<> check_folder_path(Scope scope, std::string_view path) noexcept {
  const std::string_view root = scope == Scope::served ? std::string_view() : kUploadsFolder;
  return path == root ? Result<>() : check_path(scope, path);
}

}  // namespace wherry::storage
