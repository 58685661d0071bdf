// SPDX-License-Identifier: MIT
#include "wherry/http/field_value.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/field_value_vectors.h"

namespace wherry::http {
namespace {

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
  for (const FieldValueVector& row : kFieldValueVectors)
    EXPECT_EQ(read(row.value), row.expected) << row.value;
}

TEST(ParameterReader, NoByteBehindTheTextIsRead) {
  for (const FieldValueVector& row : kFieldValueVectors) {
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
