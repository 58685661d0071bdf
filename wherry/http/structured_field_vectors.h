// SPDX-License-Identifier: MIT
// Dictionaries and what is read of them (RFC 9651 §3.2, §4.2). Plain data without a test framework,
// so that a board can run through it too.
#pragma once

#include <string_view>

namespace wherry::http {

struct DictionaryVector {
  std::string_view value;
  // Each member as key, kind (# integer, : bytes, ~ other), text; one after the other with `|`;
  // `!` at the end: what follows is malformed.
  std::string_view expected;
};

inline constexpr DictionaryVector kDictionaryVectors[] = {
    {"", ""},
    {"a", "a~"},
    {"a=1", "a#1"},
    {"a=-15", "a#-15"},
    {"a=999999999999999", "a#999999999999999"},
    {"a=1000000000000000", "!"},
    {"a=1.5", "a~1.5"},
    {"a=123456789012.123", "a~123456789012.123"},
    {"a=1234567890123.1", "!"},
    {"a=1.1234", "!"},
    {"a=1.", "!"},
    {"a=-", "!"},
    {"a=--1", "!"},
    {"a=+1", "!"},
    {"a=.5", "!"},
    {"a=1x", "a#1|!"},
    {"a=:cHJldGVuZA==:", "a:cHJldGVuZA=="},
    {"a=::", "a:"},
    {"a=:a", "!"},
    {"a=:a b:", "!"},
    {"a=:a-b:", "!"},
    {"a=:", "!"},
    {"a=\"b, c\"", "a~\"b, c\""},
    {"a=\"b\\\"\\\\\", c=1", "a~\"b\\\"\\\\\"|c#1"},
    {"a=\"\"", "a~\"\""},
    {"a=\"b", "!"},
    {"a=\"b\\n\"", "!"},
    {"a=\"b\\", "!"},
    {"a=\"\xC3\xA4\"", "!"},
    {"a=\"\t\"", "!"},
    {"a=foo123/456:*", "a~foo123/456:*"},
    {"a=*x", "a~*x"},
    {"a=?1, b=?0", "a~?1|b~?0"},
    {"a=?2", "!"},
    {"a=?", "!"},
    {"a=@1659578233", "a~@1659578233"},
    {"a=@1.5", "!"},
    {"a=@", "!"},
    {"a=%\"f%c3%bc\"", "a~%\"f%c3%bc\""},
    {"a=%\"%C3\"", "!"},
    {"a=%\"%c\"", "!"},
    {"a=%x", "!"},
    {"a=()", "a~()"},
    {"a=( )", "a~( )"},
    {"a=(1 \"b\";x=1 c), d", "a~(1 \"b\";x=1 c)|d~"},
    {"a=(  1  2  );q=1", "a~(  1  2  )"},
    {"a=(1\"b\")", "!"},
    {"a=(1", "!"},
    {"a=(1,2)", "!"},
    {"a=(1 (2))", "!"},
    {"a;b;c=1;d=\"x,y\"; e=:AA==:, f=2", "a~|f#2"},
    {"a=1;b", "a#1"},
    {"a=1;", "!"},
    {"a=1;B", "!"},
    {"a=1;b=", "!"},
    {"a=1 ;b", "a#1|!"},
    {"a=1,b=2", "a#1|b#2"},
    {"a=1\t,\tb=2", "a#1|b#2"},
    {"a=1, a=2", "a#1|a#2"},
    {"a=1,", "a#1|!"},
    {"a=1,,b=2", "a#1|!"},
    {",a=1", "!"},
    {"a=1 b=2", "a#1|!"},
    {"a=", "!"},
    {"a =1", "a~|!"},
    {"a= 1", "!"},
    {"A=1", "!"},
    {"1=1", "!"},
    {"-a=1", "!"},
    {"*a_b-c.d*0=1", "*a_b-c.d*0#1"},
    {"aB=1", "a~|!"},
    {"=1", "!"},
    {{"a\0b", 3}, "a~|!"},
    {{"a=\"\0\"", 5}, "!"},
};

}  // namespace wherry::http
