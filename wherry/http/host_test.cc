// SPDX-License-Identifier: MIT
#include "wherry/http/host.h"

#include <gtest/gtest.h>

#include "wherry/http/host_vectors.h"

namespace wherry::http {
namespace {

TEST(HostAndPort, NamesAndAddressesAreValid) {
  for (const std::string_view text : kHostVectors) {
    EXPECT_TRUE(is_host_and_port(text)) << text;
  }
}

TEST(HostAndPort, AllElseIsNot) {
  for (const std::string_view text : kRefusedHostVectors) {
    EXPECT_FALSE(is_host_and_port(text)) << text;
  }
}

TEST(HostAndPort, NulIsNoCharacterOfAName) {
  EXPECT_FALSE(is_host_and_port({"a\0b", 3}));
  EXPECT_FALSE(is_host_and_port({"a:\0", 3}));
}

}  // namespace
}  // namespace wherry::http
