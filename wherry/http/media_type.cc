// SPDX-License-Identifier: MIT
#include "wherry/http/media_type.h"

#include <algorithm>
#include <array>

#include "wherry/base/ascii.h"

namespace wherry::http {
namespace {

struct Row {
  const char* extension;  // lower case
  const char* type;

  constexpr std::string_view name() const noexcept { return extension; }
};

constexpr char kOctetStream[] = "application/octet-stream";

/// Sorted by extension. Types as registered with IANA where they are.
constexpr Row kTypes[] = {
    {"7z", "application/x-7z-compressed"},
    {"aac", "audio/aac"},
    {"avif", "image/avif"},
    {"bin", kOctetStream},
    {"bmp", "image/bmp"},
    {"bz2", "application/x-bzip2"},
    {"c", "text/plain; charset=utf-8"},
    {"cc", "text/plain; charset=utf-8"},
    {"conf", "text/plain; charset=utf-8"},
    {"cpp", "text/plain; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"elf", kOctetStream},
    {"epub", "application/epub+zip"},
    {"flac", "audio/flac"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"h", "text/plain; charset=utf-8"},
    {"hex", kOctetStream},
    {"htm", "text/html; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"ico", "image/vnd.microsoft.icon"},
    {"ini", "text/plain; charset=utf-8"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"log", "text/plain; charset=utf-8"},
    {"m4a", "audio/mp4"},
    {"map", "application/json"},
    {"md", "text/markdown; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"mkv", "video/matroska"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"oga", "audio/ogg"},
    {"ogg", "audio/ogg"},
    {"ogv", "video/ogg"},
    {"opus", "audio/ogg"},
    {"otf", "font/otf"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"py", "text/plain; charset=utf-8"},
    {"rtf", "application/rtf"},
    {"sh", "text/plain; charset=utf-8"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tgz", "application/gzip"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"toml", "application/toml"},
    {"ttf", "font/ttf"},
    {"txt", "text/plain; charset=utf-8"},
    {"uf2", kOctetStream},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"weba", "audio/webm"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xhtml", "application/xhtml+xml"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml", "application/xml"},
    {"xz", "application/x-xz"},
    {"yaml", "application/yaml"},
    {"yml", "application/yaml"},
    {"zip", "application/zip"},
    {"zst", "application/zstd"},
};

static_assert(std::ranges::is_sorted(kTypes, {}, &Row::name));

constexpr std::size_t kMaxExtensionSize =
    std::ranges::max(kTypes, {}, [](const Row& row) { return row.name().size(); }).name().size();

/// The type and subtype of a Content-Type, without parameters and space around.
std::string_view essence(std::string_view content_type) noexcept {
  return trim_ows(split_next(content_type, ';'));
}

/// Whether `text` is type "/" subtype.
bool is_media_type(std::string_view text) noexcept {
  const std::string_view type = split_next(text, '/');
  return is_token(type) && is_token(text);
}

bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) noexcept {
  return text.size() >= suffix.size() &&
         equals_ignoring_case(text.substr(text.size() - suffix.size()), suffix);
}

}  // namespace

std::string_view media_type_of(std::string_view filename) noexcept {
  const std::size_t dot = filename.rfind('.');
  if (dot == std::string_view::npos) return kOctetStream;
  const std::string_view written = filename.substr(dot + 1);
  if (written.size() > kMaxExtensionSize) return kOctetStream;
  std::array<char, kMaxExtensionSize> lower{};
  std::ranges::transform(written, lower.begin(), to_lower);
  const std::string_view extension(lower.data(), written.size());
  const auto* row = std::ranges::lower_bound(kTypes, extension, {}, &Row::name);
  const bool found = row != std::ranges::end(kTypes) && row->name() == extension;
  return found ? row->type : kOctetStream;
}

bool media_type_is(std::string_view content_type, std::string_view type) noexcept {
  return equals_ignoring_case(essence(content_type), type);
}

bool can_run_script(std::string_view media_type) noexcept {
  constexpr std::string_view kTypesWithScript[] = {
      "text/html", "text/xml", "application/xml", "text/xsl",
      // These wrap documents of any other type.
      "multipart/x-mixed-replace", "multipart/related", "message/rfc822"};
  const std::string_view type = essence(media_type);
  if (!is_media_type(type) || ends_with_ignoring_case(type, "+xml")) return true;
  return std::ranges::any_of(kTypesWithScript, [type](std::string_view with_script) {
    return equals_ignoring_case(type, with_script);
  });
}

}  // namespace wherry::http
