// SPDX-License-Identifier: MIT
#include "boards/common/boot_config.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "wherry/base/guard_page_for_test.h"

namespace wherry::boards {
namespace {

constexpr std::string_view kWhole = R"({
  "hostname": "lab-7",
  "address": "192.168.7.20",
  "netmask": "255.255.255.0",
  "gateway": "192.168.7.1",
  "port": 80,
  "format_blank": false,
  "format_corrupt": true,
  "header_ms": 1000,
  "body_idle_ms": 2000,
  "write_idle_ms": 3000,
  "keep_alive_idle_ms": 4000,
  "max_content_length": 1048576
})";

/// Returns: what the console would say; empty: nothing is wrong.
std::string judged(std::string_view text, BootConfig& config) {
  const GuardedText guarded(text);
  GuardedText memory(kBootConfigMemoryBytes);
  BootConfigError error;
  if (parse_boot_config(guarded.view(), memory.span(), config, error)) return {};
  char line[200];
  TextWriter writer(line);
  describe(error, writer);
  EXPECT_FALSE(writer.overflowed());
  return std::string(writer.view());
}

std::string judged(std::string_view text) {
  BootConfig config;
  return judged(text, config);
}

TEST(BootConfig, SetsEveryKey) {
  BootConfig config;
  ASSERT_EQ(judged(kWhole, config), "");
  EXPECT_STREQ(config.hostname, "lab-7");
  EXPECT_FALSE(config.uses_dhcp());
  EXPECT_EQ(config.address, (Ipv4{192, 168, 7, 20}));
  EXPECT_EQ(config.netmask, (Ipv4{255, 255, 255, 0}));
  EXPECT_EQ(config.gateway, (Ipv4{192, 168, 7, 1}));
  EXPECT_EQ(config.port, 80u);
  EXPECT_FALSE(config.format_blank);
  EXPECT_TRUE(config.format_corrupt);
  EXPECT_EQ(config.header_ms, 1000u);
  EXPECT_EQ(config.body_idle_ms, 2000u);
  EXPECT_EQ(config.write_idle_ms, 3000u);
  EXPECT_EQ(config.keep_alive_idle_ms, 4000u);
  EXPECT_EQ(config.max_content_length, 1048576u);
}

TEST(BootConfig, WhatIsNotThereKeepsItsDefault) {
  BootConfig config;
  config.port = 8123;
  config.header_ms = 7777;
  ASSERT_EQ(judged(R"({"port": 81, "address": "dhcp"})", config), "");
  EXPECT_EQ(config.port, 81u);
  EXPECT_EQ(config.header_ms, 7777u);
  EXPECT_TRUE(config.uses_dhcp());
  EXPECT_STREQ(config.hostname, "wherry");
  EXPECT_EQ(judged("{}"), "");
  EXPECT_EQ(judged(" \r\n\t{ } \n"), "");
}

struct Row {
  std::string_view text;
  std::string_view said;
};

constexpr Row kGood[] = {
    {R"({"hostname": "a"})", ""},
    {R"({"hostname": "a1-B2-c3-d4-e5-f6-g7-h8-i9-j0ab"})", ""},
    {R"({"address": "10.0.0.1", "netmask": "255.0.0.0", "gateway": "10.255.255.254"})", ""},
    {R"({"gateway": "10.0.0.2", "address": "10.0.0.1"})", ""},
    {R"({"address": "10.0.0.1", "netmask": "255.255.255.252"})", ""},
    {R"({"port": 1})", ""},
    {R"({"port": 65535})", ""},
    {R"({"header_ms": 100, "body_idle_ms": 86400000})", ""},
    {R"({"max_content_length": 1})", ""},
    {R"({"max_content_length": 1099511627776})", ""},
    {R"({"p\u006frt": 80})", ""},
};

constexpr std::string_view kHostname = "expected 1 to 32 letters, digits and hyphens between them";
constexpr std::string_view kAddress = "expected \"dhcp\" or the IPv4 address of one host";

constexpr Row kBad[] = {
    {"", "line 1: no JSON object, or it breaks off"},
    {"[]", "line 1: no JSON object, or it breaks off"},
    {"\xEF\xBB\xBF{}", "line 1: no JSON object, or it breaks off"},
    {"{'port': 80}", "line 1: no JSON object, or it breaks off"},
    {"{\n \"port\": 80,\n}", "line 3: no JSON object, or it breaks off"},
    {"{\n \"port\": 80\n \"header_ms\": 100\n}", "line 3: no JSON object, or it breaks off"},
    {"{} x", "line 1: no JSON object, or it breaks off"},
    {"{\n // a comment\n}", "line 2: no JSON object, or it breaks off"},
    {"{\"hostname\": \"\xFF\"}", "line 1: no JSON object, or it breaks off"},
    {"{\n \"prot\": 80}", "line 2: prot: unknown key"},
    {"{\"\": 80}", "line 1: unknown key"},
    {"{\"Port\": 80}", "line 1: Port: unknown key"},
    {"{\"a_key_that_is_longer_than_any\": 80}", "line 1: a_key_that_is_longer_th: unknown key"},
    {"{\"port\": 80,\n\"port\": 80}", "line 2: port: the key is there twice"},
    {R"({"port": "80"})", "line 1: port: expected a number from 1 to 65535"},
    {R"({"port": 0})", "line 1: port: expected a number from 1 to 65535"},
    {R"({"port": 65536})", "line 1: port: expected a number from 1 to 65535"},
    {R"({"port": -1})", "line 1: port: expected a number from 1 to 65535"},
    {R"({"port": 80.0})", "line 1: port: expected a number from 1 to 65535"},
    {R"({"port": 99999999999999999999999})", "line 1: port: expected a number from 1 to 65535"},
    {R"({"port": null})", "line 1: port: expected a number from 1 to 65535"},
    {R"({"port": [80]})", "line 1: port: expected a number from 1 to 65535"},
    {R"({"port": {"port": 80}})", "line 1: port: expected a number from 1 to 65535"},
    {R"({"format_blank": 1})", "line 1: format_blank: expected true or false"},
    {R"({"format_corrupt": "yes"})", "line 1: format_corrupt: expected true or false"},
    {R"({"header_ms": 99})", "line 1: header_ms: expected milliseconds, 100 to 86400000"},
    {R"({"body_idle_ms": 86400001})",
     "line 1: body_idle_ms: expected milliseconds, 100 to 86400000"},
    {R"({"write_idle_ms": true})", "line 1: write_idle_ms: expected milliseconds, 100 to 86400000"},
    {R"({"keep_alive_idle_ms": 1e3})",
     "line 1: keep_alive_idle_ms: expected milliseconds, 100 to 86400000"},
    {R"({"max_content_length": 0})",
     "line 1: max_content_length: expected bytes, 1 to 1099511627776"},
    {R"({"netmask": "255.255.255.0"})", "netmask and gateway need an address of the board's own"},
    {R"({"gateway": "10.0.0.1", "address": "dhcp"})",
     "netmask and gateway need an address of the board's own"},
    {R"({"address": "10.0.0.1", "gateway": "10.0.1.1"})",
     "the gateway is in another network than the address"},
    {R"({"address": "10.0.0.0"})", "no host has that address"},
    {R"({"address": "10.0.0.255"})", "no host has that address"},
    {R"({"address": "10.0.0.1", "netmask": "255.0.255.0"})",
     "line 1: netmask: expected an IPv4 netmask"},
    {R"({"address": "10.0.0.1", "netmask": "255.255.255.255"})",
     "line 1: netmask: expected an IPv4 netmask"},
    {R"({"address": "10.0.0.1", "netmask": "255.255.255.254"})",
     "line 1: netmask: expected an IPv4 netmask"},
    {R"({"address": "10.0.0.1", "netmask": "0.0.0.0"})",
     "line 1: netmask: expected an IPv4 netmask"},
    {R"({"address": "10.0.0.1", "gateway": "dhcp"})", "line 1: gateway: expected an IPv4 address"},
};

TEST(BootConfig, GoodFilesAreTaken) {
  for (const Row& row : kGood) EXPECT_EQ(judged(row.text), row.said) << row.text;
}

TEST(BootConfig, WhatIsWrongIsNamedByLineAndReasonAndNothingIsTaken) {
  for (const Row& row : kBad) {
    const bool has_line = row.said.starts_with("line ");
    BootConfig config;
    EXPECT_EQ(judged(std::string(row.text), config),
              "boot.json" + std::string(has_line ? ", " : ": ") + std::string(row.said))
        << row.text;
    EXPECT_EQ(config.port, 8000u) << row.text;
    EXPECT_TRUE(config.uses_dhcp()) << row.text;
  }
}

TEST(BootConfig, NamesAndAddressesThatAreNoneAreRefused) {
  for (const char* name : {"", "-a", "a-", "a_b", "a.b", "a b", "\xC3\xA4", "a\\u0000b",
                           "abcdefghijklmnopqrstuvwxyz0123456"}) {
    EXPECT_EQ(judged("{\"hostname\": \"" + std::string(name) + "\"}"),
              "boot.json, line 1: hostname: " + std::string(kHostname))
        << name;
  }
  for (const char* address :
       {"",          "DHCP",      "10.0.0",     "10.0.0.1.1",      "10.0.0.1.",
        ".10.0.0.1", "10..0.1",   "10.0.0.256", "10.0.0.01",       "010.0.0.1",
        "+1.0.0.1",  "10.0.0.1 ", "10.0.0.-1",  "0x0a.0.0.1",      "0.0.0.0",
        "0.1.2.3",   "127.0.0.1", "224.0.0.1",  "255.255.255.255", "10.0.0.1/24"}) {
    EXPECT_EQ(judged("{\"address\": \"" + std::string(address) + "\"}"),
              "boot.json, line 1: address: " + std::string(kAddress))
        << address;
  }
}

TEST(BootConfig, EveryTruncationIsRefused) {
  for (std::size_t size = 0; size < kWhole.size(); ++size) {
    BootConfig config;
    EXPECT_NE(judged(kWhole.substr(0, size), config), "") << size;
    EXPECT_EQ(config.port, 8000u) << size;
  }
}

TEST(BootConfig, AnyDamagedByteDoesNoHarm) {
  for (std::size_t at = 0; at < kWhole.size(); ++at) {
    for (const char byte : {'\0', '"', '}', ',', '\\', '0', '\n', '\x80'}) {
      std::string text(kWhole);
      text[at] = byte;
      judged(text);  // says something, or takes another number
    }
  }
}

TEST(BootConfig, SizeIsBounded) {
  std::string text = "{" + std::string(kMaxBootConfigBytes - 2, ' ') + "}";
  EXPECT_EQ(judged(text), "");
  text += ' ';
  EXPECT_EQ(judged(text), "boot.json: larger than 1024 bytes");
}

}  // namespace
}  // namespace wherry::boards
