// SPDX-License-Identifier: MIT
// Names of files, media types, and what these mean. Plain data without a test framework, so that a
// board can run through it too.
#pragma once

#include <string_view>

namespace wherry::http {

struct MediaTypeVector {
  std::string_view filename;
  std::string_view type;
};

inline constexpr MediaTypeVector kMediaTypeVectors[] = {
    {"a.txt", "text/plain; charset=utf-8"},
    {"a.TXT", "text/plain; charset=utf-8"},
    {"dir.d/a.tar.Gz", "application/gzip"},
    {"index.html", "text/html; charset=utf-8"},
    {"a.7z", "application/x-7z-compressed"},
    {"a.zst", "application/zstd"},
    {"a.wasm", "application/wasm"},
    {"a.woff2", "font/woff2"},
    {"a.mp4", "video/mp4"},
    {"a.svg", "image/svg+xml"},
    {"a.json", "application/json"},
    {"a.mjs", "text/javascript; charset=utf-8"},
    {"site.webmanifest", "application/manifest+json"},
    {"fw.bin", "application/octet-stream"},
    {"fw.hex", "application/octet-stream"},
    {"fw.uf2", "application/octet-stream"},
    {"fw.elf", "application/octet-stream"},
    {"", "application/octet-stream"},
    {".", "application/octet-stream"},
    {"txt", "application/octet-stream"},
    {"a.", "application/octet-stream"},
    {"a.txt ", "application/octet-stream"},
    {"a.txt/b", "application/octet-stream"},
    {"a.unknown", "application/octet-stream"},
    {"a.anextensionlongerthanall", "application/octet-stream"},
    {"a.tx", "application/octet-stream"},
    {"a.txtx", "application/octet-stream"},
};

struct MediaTypeIsVector {
  std::string_view content_type;
  bool is_json;
};

inline constexpr MediaTypeIsVector kMediaTypeIsVectors[] = {
    {"application/json", true},      {"Application/JSON; charset=utf-8", true},
    {"\tapplication/json ;x", true}, {"application/jsonx", false},
    {"application/json x", false},   {"text/plain; application/json", false},
    {"application", false},          {"", false},
};

// A browser may run script in these.
inline constexpr std::string_view kScriptTypeVectors[] = {
    "text/html",
    "TEXT/HTML; charset=utf-8",
    "application/xhtml+xml",
    "image/svg+xml",
    "image/SVG+XML",
    "text/xml",
    "application/xml; x=y",
    "application/rss+xml",
    "application/mathml+xml",
    "text/xsl",
    "multipart/x-mixed-replace; boundary=x",
    // Unreadable: browsers guess.
    "",
    " ",
    "text",
    "text/",
    "/html",
    "text/html/x",
    "*/ *",
    ";text/plain",
};

inline constexpr std::string_view kNoScriptTypeVectors[] = {
    "text/plain; charset=utf-8", "application/octet-stream", "image/png", "video/mp4",
    "application/json",          "application/pdf",          "text/css",  "application/xml-dtd",
    "text/plain; x=text/html",
};

}  // namespace wherry::http
