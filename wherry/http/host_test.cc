// SPDX-License-Identifier: MIT
#include "wherry/http/host.h"

#include <gtest/gtest.h>

namespace wherry::http {
namespace {

TEST(HostAndPort, NamesAndAddressesAreValid) {
  for (const char* text : {"", "a", "example.org", "example.org:80", "192.168.0.10:8000", "[::1]",
                           "[::1]:8000", "[fe80::1:192.0.2.1]", "my_device.local", "a%20b",
                           "a:", "xn--bcher-kva.example", "[::]:"}) {
    EXPECT_TRUE(is_host_and_port(text)) << text;
  }
}

TEST(HostAndPort, AllElseIsNot) {
  for (const char* text :
       {"a b",    "a/b",     "a?b",     "a#b",     "a@b", "a\\b", "a\"b", "a<b",      "a,b c",
        "a:b",    "a:80:80", "a:-1",    "a:8 ",    "::1", "[::1", "::1]", "[]",       "[]:80",
        "[::1]a", "[g::]",   "[::1]:a", "[a]b:80", "a%2", "a%zz", "%",    "\xc3\xa9", "a\tb"}) {
    EXPECT_FALSE(is_host_and_port(text)) << text;
  }
}

TEST(HostAndPort, NulIsNoCharacterOfAName) {
  EXPECT_FALSE(is_host_and_port({"a\0b", 3}));
  EXPECT_FALSE(is_host_and_port({"a:\0", 3}));
}

}  // namespace
}  // namespace wherry::http
