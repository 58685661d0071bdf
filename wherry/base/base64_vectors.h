// SPDX-License-Identifier: MIT
// Bytes and their base64. Plain data without a test framework, so that a board can run through it
// too.
#pragma once

#include <string_view>

namespace wherry {

struct Base64Vector {
  std::string_view bytes;
  std::string_view text;
};

// The first seven are RFC 4648 §10.
inline constexpr Base64Vector kBase64Vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {{"\0", 1}, "AA=="},
    {{"\0\0\0", 3}, "AAAA"},
    {"\xFF", "/w=="},
    {"\xFF\xFF\xFF", "////"},
    {"\xFB\xEF\xBE", "++++"},
    {"\x14\xFB\x9C\x03\xD9\x7E", "FPucA9l+"},
};

inline constexpr std::string_view kRefusedBase64Vectors[] = {
    "Zg",         "Zg=",     "Zm8",
    "Z",          "Z===",    "====",
    "=",          "==",  // padding
    "Zg==Zg==",   "Zg=Z",    "Zm9v=",
    "Zm9v====",   "Z=g=",    "=Zg=",  //
    "Zh==",       "Zm9=",    "Z/==",  // unused bits
    "Zm 9v",      " Zm9v",   "Zm9v ",
    "Zm9v\r\n",   "Zm9\n",   "Zm-_",
    "Zm9.",       "Zm9%",  // other characters
    {"Zm\0v", 4}, "Zm9\xC3", "\xFF\xFF\xFF\xFF",
};

}  // namespace wherry
