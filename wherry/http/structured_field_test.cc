// SPDX-License-Identifier: MIT
#include "wherry/http/structured_field.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/structured_field_vectors.h"

namespace wherry::http {
namespace {

// As DictionaryVector says.
std::string read_all(std::string_view value) {
  DictionaryReader reader(value);
  std::string result;
  while (true) {
    const auto member = reader.next();
    if (member && !*member) return result;
    if (!result.empty()) result += '|';
    if (!member) return result + '!';
    result += (*member)->key;
    result += "#:~"[static_cast<int>((*member)->kind)];
    result += (*member)->text;
  }
}

TEST(Dictionary, IsReadMemberByMember) {
  for (const DictionaryVector& row : kDictionaryVectors) {
    const GuardedText value(row.value);
    EXPECT_EQ(read_all(value.view()), row.expected) << row.value;
  }
}

TEST(Dictionary, ACutOffValueIsNeverReadBeyondItsEnd) {
  for (const DictionaryVector& row : kDictionaryVectors) {
    for (std::size_t size = 0; size < row.value.size(); ++size) {
      const GuardedText value(row.value.substr(0, size));
      EXPECT_LE(read_all(value.view()).size(), 3 * size + 1) << row.value;
    }
  }
}

}  // namespace
}  // namespace wherry::http
