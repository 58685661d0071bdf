// SPDX-License-Identifier: MIT
#include "wherry/http/field_value.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "wherry/base/guard_page_for_test.h"

namespace wherry::http {
namespace {

struct Row {
  std::string_view value;
  std::string_view expected;  // item, then each parameter; "error" where reading ends with one
};

constexpr Row kRows[] = {
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

std::string read(std::string_view value) {
  ParameterReader reader(value);
  std::string result(reader.item());
  while (true) {
    const Result<std::optional<Parameter>> parameter = reader.next();
    if (!parameter) {
      EXPECT_EQ(parameter.error(), Error::bad_request);
      return result + "|error";
    }
    if (!*parameter) return result;
    std::array<char, 32> into{};
    result.append("|").append((*parameter)->name).append("->");
    result.append((*parameter)->text(into).value());
  }
}

TEST(ParameterReader, EachFormIsReadOrRefused) {
  for (const Row& row : kRows) EXPECT_EQ(read(row.value), row.expected) << row.value;
}

TEST(ParameterReader, NoByteBehindTheTextIsRead) {
  for (const Row& row : kRows) {
    for (std::size_t size = 0; size <= row.value.size(); ++size) {
      const GuardedText cut(row.value.substr(0, size));
      const std::string result = read(cut.view());
      if (size == row.value.size()) {
        EXPECT_EQ(result, row.expected);
      }
    }
  }
}

TEST(ParameterReader, NulIsNotPartOfAValue) {
  EXPECT_EQ(read({"a; b=\"c\0\"", 9}), "a|error");
  EXPECT_EQ(read({"a; b=c\0", 7}), "a|error");
}

TEST(Parameter, ATextWithoutEscapesIsNotCopied) {
  ParameterReader reader("a; b=\"c d\"");
  const Parameter parameter = **reader.next();
  EXPECT_FALSE(parameter.escaped);
  EXPECT_EQ(parameter.text({}).value().data(), parameter.raw.data());
}

TEST(Parameter, ATextThatDoesNotFitIsAnErrorAndWritesNothingBehindTheMemory) {
  ParameterReader reader(R"(a; b="\"cde")");
  const Parameter parameter = **reader.next();
  EXPECT_TRUE(parameter.escaped);
  EXPECT_EQ(parameter.raw, R"(\"cde)");
  GuardedText small(3);
  EXPECT_EQ(error_of(parameter.text(small.span())), Error::bad_request);
  GuardedText exact(4);
  EXPECT_EQ(parameter.text(exact.span()).value(), "\"cde");
}

}  // namespace
}  // namespace wherry::http
