// SPDX-License-Identifier: MIT
// Heads of the parts of a form (RFC 7578 §4.2, RFC 8187 §3.2). Plain data without a test framework,
// so that a board can run through it too.
#pragma once

#include <optional>
#include <string_view>

namespace wherry::http {

using namespace std::string_view_literals;

struct PartNameVector {
  std::string_view parameters;  // of Content-Disposition: form-data
  std::string_view name;
  std::optional<std::string_view> filename;
};

inline constexpr PartNameVector kPartNameVectors[] = {
    {R"(name="a")", "a", std::nullopt},
    {"name=a", "a", std::nullopt},
    {R"(name="")", "", std::nullopt},
    {R"(name="a"; filename="")", "a", ""},
    {R"(filename="b.txt"; name="a")", "a", "b.txt"},
    {R"(name="a;b=c"; filename="d; name=e")", "a;b=c", "d; name=e"},
    // curl
    {R"(name="a"; filename="q\"b\\s.txt")", "a", R"(q"b\s.txt)"},
    // browsers
    {R"(name="a"; filename="q%22.txt")", "a", R"(q".txt)"},
    {R"(name="x%22y"; filename="1%0D%0A2.txt")", "x\"y", "1%0D%0A2.txt"},
    {R"(name="a"; filename="100%25.txt")", "a", "100%25.txt"},
    {R"(name="a"; filename="%2")", "a", "%2"},
    {"name=\"a\"; filename=\"na\xC3\xAFve \xF0\x9F\x9A\xA2.txt\"", "a",
     "na\xC3\xAFve \xF0\x9F\x9A\xA2.txt"},
    // old browsers: the whole path, no escapes
    {R"(name="a"; filename="C:\dir\name.txt")", "a", R"(C:\dir\name.txt)"},
    {R"(name="a"; filename="\\host\new\x.txt")", "a", R"(\host\new\x.txt)"},
    // requests and what is built on it
    {"name=\"a\"; filename*=utf-8''na%C3%AFve%20x.txt", "a", "na\xC3\xAFve x.txt"},
    {"name=\"a\"; filename=\"x\"; filename*=UTF-8'en'%e2%82%ac", "a", "\xE2\x82\xAC"},
    {"name=\"a\"; filename*=UTF-8''y; filename=\"x\"", "a", "y"},
    {"name*=utf-8''%C3%A9; filename*=utf-8''", "\xC3\xA9", ""},
    {"name=a; filename*=utf-8''it's", "a", "it's"},
    {"name=a; size=5; unknown=\"\\\"\"", "a", std::nullopt},
};

// Lines of whole heads.
inline constexpr std::string_view kRefusedPartHeadVectors[] = {
    ""sv,
    "\n"sv,
    "Content-Type: text/plain\n"sv,
    "Content-Disposition\n"sv,
    "Content-Disposition:\n"sv,
    "Content-Disposition: form-data\n"sv,
    "Content-Disposition : form-data; name=a\n"sv,
    ": form-data; name=a\n"sv,
    "Content-Disposition: attachment; name=a\n"sv,
    "Content-Disposition: ; name=a\n"sv,
    "Content-Disposition: form-data name=a\n"sv,
    "Content-Disposition: form-data; name\n"sv,
    "Content-Disposition: form-data; name=\n"sv,
    "Content-Disposition: form-data; =a\n"sv,
    "Content-Disposition: form-data; name=\"a\n"sv,
    "Content-Disposition: form-data; name=\"a\\\"\n"sv,
    "Content-Disposition: form-data; name=\"a\"x\n"sv,
    "Content-Disposition: form-data; name=\"a\" filename=b\n"sv,
    "Content-Disposition: form-data; name = a\n"sv,
    "Content-Disposition: form-data; filename=\"a\"\n"sv,
    "Content-Disposition: form-data; name=a; name=b\n"sv,
    "Content-Disposition: form-data; name=a; filename=b; filename=c\n"sv,
    "Content-Disposition: form-data; name=a; filename*=utf-8''b; FILENAME*=utf-8''b\n"sv,
    "Content-Disposition: form-data; name=a\nContent-Disposition: form-data; name=a\n"sv,
    "Content-Disposition: form-data; name=a\nContent-Type: x/y\ncontent-type: x/y\n"sv,
    "Content-Disposition: form-data; name=a\nno colon\n"sv,
    "Content-Disposition: form-data; name=a\nnot a token: x\n"sv,
    "Content-Disposition: form-data; name=\"\xFF\"\n"sv,
    "Content-Disposition: form-data; name=a; filename=\"\xC0\xAF\"\n"sv,
    "Content-Disposition: form-data; name=a; filename*=iso-8859-1''%E9\n"sv,
    "Content-Disposition: form-data; name=a; filename*=utf-8'b\n"sv,
    "Content-Disposition: form-data; name=a; filename*=utf-8''%E9\n"sv,
    "Content-Disposition: form-data; name=a; filename*=utf-8''%4\n"sv,
    "Content-Disposition: form-data; name=a; filename*=utf-8''a%0Ab\n"sv,
    "Content-Disposition: form-data; name=a; filename*=utf-8''a%00\n"sv,
};

}  // namespace wherry::http
