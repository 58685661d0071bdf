// SPDX-License-Identifier: MIT
// Names of files and the Content-Disposition of each (RFC 6266). Plain data without a test
// framework, so that a board can run through it too.
#pragma once

#include <string_view>

namespace wherry::http {

using namespace std::string_view_literals;

struct AttachmentVector {
  std::string_view filename;
  std::string_view expected;
};

inline constexpr AttachmentVector kAttachmentVectors[] = {
    {"generated_64.bin", R"(attachment; filename="generated_64.bin")"},
    {"a b;c='d'.txt", R"(attachment; filename="a b;c='d'.txt")"},
    {"q\"b.txt", R"(attachment; filename="q\"b.txt"; filename*=UTF-8''q%22b.txt)"},
    {"q\\b.txt", R"(attachment; filename="q\\b.txt"; filename*=UTF-8''q%5Cb.txt)"},
    {"50%41.txt", R"(attachment; filename="50%41.txt"; filename*=UTF-8''50%2541.txt)"},
    {"na\xC3\xAFve \xE2\x82\xAC.txt",
     R"(attachment; filename="na_ve _.txt"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt)"},
    {"\xF0\x9F\x9A\xA2", R"(attachment; filename="_"; filename*=UTF-8''%F0%9F%9A%A2)"},
    // Control characters never reach the head of a response.
    {"a\r\nSet-Cookie: x\0.txt"sv, R"(attachment; filename="aSet-Cookie: x.txt")"},
    {"\x7Fz\xC2\x85\xC3\xA9", R"(attachment; filename="z_"; filename*=UTF-8''z%C3%A9)"},
    // Not UTF-8.
    {"a\xFF\xC3.txt", R"(attachment; filename="a__.txt")"},
    {"\xC3\xA9\xFF", R"(attachment; filename="__")"},
    // A path: only its end counts.
    {"dir/sub/a.txt", R"(attachment; filename="a.txt")"},
    {"", "attachment"},
    {"dir/", "attachment"},
    {"\r\n\xC2\x80", "attachment"},
};

}  // namespace wherry::http
