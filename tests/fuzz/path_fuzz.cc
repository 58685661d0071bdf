// SPDX-License-Identifier: MIT
// Invariant: a path that check_path lets through, put behind a root and normalised by another
// hand, stays beneath that root, outside the private folder, and is the same text as before.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "wherry/base/utf8.h"
#include "wherry/storage/path.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wherry::storage;
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  if (!check_path(path)) return 0;

  require(!path.empty() && path.size() <= kMaxPathBytes && wherry::is_valid_utf8(path));
  const std::filesystem::path whole = std::filesystem::path("/root") / std::string(path);
  require(whole.lexically_normal().string() == "/root/" + std::string(path));
  for (const std::filesystem::path& segment : std::filesystem::path(std::string(path))) {
    const std::string text = segment.string();
    require(!text.empty() && text.size() <= kMaxSegmentBytes && text != "." && text != "..");
    require(text != kPrivateFolder);
    for (const char character : text) {
      require(static_cast<unsigned char>(character) >= 0x20 && character != 0x7F);
      require(character != '\\' && character != '/');
    }
  }
  return 0;
}
