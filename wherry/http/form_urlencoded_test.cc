// SPDX-License-Identifier: MIT
#include "wherry/http/form_urlencoded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wherry/base/guard_page_for_test.h"

namespace wherry::http {
namespace {

using namespace std::string_literals;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// All pairs; the views are looked at after the last was read, for all must stay valid.
Pairs read_all(std::string_view text, std::span<char> memory, Error& error) {
  FormReader reader(text, memory);
  std::vector<FormField> fields;
  error = Error::none;
  while (true) {
    const auto field = reader.next();
    error = error_of(field);
    if (!field || !*field) break;
    fields.push_back(**field);
  }
  Pairs pairs;
  for (const FormField& field : fields) pairs.emplace_back(field.name, field.value);
  return pairs;
}

struct Row {
  std::string text;
  Pairs pairs;
};

class FormUrlencoded : public testing::TestWithParam<Row> {};

TEST_P(FormUrlencoded, IsReadIntoOtherMemory) {
  const GuardedText text(GetParam().text);
  GuardedText memory(GetParam().text.size());
  Error error;
  EXPECT_EQ(read_all(text.view(), memory.span(), error), GetParam().pairs);
  EXPECT_EQ(error, Error::none);
}

TEST_P(FormUrlencoded, IsReadInPlace) {
  GuardedText text(GetParam().text);
  Error error;
  EXPECT_EQ(read_all(text.view(), text.span(), error), GetParam().pairs);
  EXPECT_EQ(error, Error::none);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FormUrlencoded,
    testing::Values(Row{"", {}}, Row{"&&", {}}, Row{"a=1", {{"a", "1"}}},
                    Row{"a=1&b=2", {{"a", "1"}, {"b", "2"}}},
                    Row{"a=1&&b=2&", {{"a", "1"}, {"b", "2"}}},
                    Row{"a=1&a=2", {{"a", "1"}, {"a", "2"}}}, Row{"a", {{"a", ""}}},
                    Row{"a=", {{"a", ""}}}, Row{"=1", {{"", "1"}}}, Row{"=", {{"", ""}}},
                    Row{"a=b=c", {{"a", "b=c"}}}, Row{"a+b=c+d%20e", {{"a b", "c d e"}}},
                    Row{"%61%3D=%26%2B%25", {{"a=", "&+%"}}},
                    Row{"x=%c3%A9\xC3\xA9", {{"x", "\xC3\xA9\xC3\xA9"}}},
                    Row{"x=%00%0d%0A", {{"x", "\0\r\n"s}}}, Row{"a;b=1", {{"a;b", "1"}}}));

class FormUrlencodedRefuses : public testing::TestWithParam<std::string_view> {};

TEST_P(FormUrlencodedRefuses, AsBadForm) {
  const GuardedText text(GetParam());
  GuardedText memory(GetParam().size());
  Error error;
  read_all(text.view(), memory.span(), error);
  EXPECT_EQ(error, Error::bad_form);
}

INSTANTIATE_TEST_SUITE_P(Rows, FormUrlencodedRefuses,
                         testing::Values("a=%", "a=%4", "a=%4&b=1", "a=%gg", "%=1", "a=%+1",
                                         "a=1&b=%x1", "a=%FF", "a=\xC3", "%C0%AF=1",
                                         "a=%ED%A0%80"));

TEST(FormUrlencoded, TooLittleMemoryIsTooMuchContent) {
  constexpr std::string_view kText = "ab=%41%42&c=d";
  constexpr std::size_t kDecodedSize = 6;
  for (std::size_t size = 0; size < kDecodedSize; ++size) {
    GuardedText memory(size);
    Error error;
    read_all(kText, memory.span(), error);
    EXPECT_EQ(error, Error::content_too_large) << size;
  }
  GuardedText memory(kDecodedSize);
  Error error;
  EXPECT_EQ(read_all(kText, memory.span(), error), (Pairs{{"ab", "AB"}, {"c", "d"}}));
  EXPECT_EQ(error, Error::none);
}

}  // namespace
}  // namespace wherry::http
