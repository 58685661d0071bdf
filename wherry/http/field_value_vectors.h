// SPDX-License-Identifier: MIT
// Field values with parameters, and how they read (RFC 9110 §5.6.6). Plain data without a test
// framework, so that a board can run through it too.
#pragma once

#include <string_view>

namespace wherry::http {

struct FieldValueVector {
  std::string_view value;
  std::string_view expected;  // item, then each parameter; "error" where reading ends with one
};

inline constexpr FieldValueVector kFieldValueVectors[] = {
    {"", ""},
    {"text/plain", "text/plain"},
    {" text/plain\t", "text/plain"},
    {"text/plain;charset=utf-8", "text/plain|charset->utf-8"},
    {"text/plain ; charset=utf-8 ", "text/plain|charset->utf-8"},
    {"a; b=c; d=e", "a|b->c|d->e"},
    {"a;", "a"},
    {"a;; ;b=c;", "a|b->c"},
    {"a; B=\"c\"", "a|B->c"},
    {"a; b=\"\"", "a|b->"},
    {"a; b=\"c;d=e\"; f=g", "a|b->c;d=e|f->g"},
    {"a; b=\"c\\\"d\\\\e\\f\"", "a|b->c\"d\\ef"},
    {"a; b=\"\xc3\xa9 \t\"", "a|b->\xc3\xa9 \t"},
    {"form-data; filename*=UTF-8''%e2%82%ac", "form-data|filename*->UTF-8''%e2%82%ac"},
    {"; a=b", "|a->b"},
    {"a; b", "a|error"},
    {"a; b=", "a|error"},
    {"a; =b", "a|error"},
    {"a; b =c", "a|error"},
    {"a; b= c", "a|error"},
    {"a; b=c d", "a|error"},
    {"a; b=\"c\"d", "a|error"},
    {"a; b=c\"d\"", "a|error"},
    {"a; b=\"", "a|error"},
    {"a; b=\"c", "a|error"},
    {"a; b=\"c\\", "a|error"},
    {"a; b=\"c\\\"", "a|error"},
    {"a; b=\"c\nd\"", "a|error"},
    {"a; b=\"c\\\nd\"", "a|error"},
    {"a; b=c, d", "a|error"},
    {"a; b=c; d", "a|b->c|error"},
    {"a; (=c", "a|error"},
};

}  // namespace wherry::http
