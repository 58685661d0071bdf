// SPDX-License-Identifier: MIT
#include "boards/common/boot_config.h"

#include <algorithm>
#include <cstring>

#include "wherry/app/json_view.h"
#include "wherry/base/ascii.h"
#include "wherry/base/number.h"

namespace wherry::boards {
namespace {

using app::JsonItem;

constexpr std::uint64_t kMinMs = 100, kMaxMs = 86'400'000;  // a day
constexpr std::uint64_t kMaxLength = std::uint64_t{1} << 40;
constexpr std::string_view kMilliseconds = "expected milliseconds, 100 to 86400000";
constexpr std::string_view kYesOrNo = "expected true or false";

/// A key: what it sets, and what it takes. One of the four members says where it goes.
struct Key {
  std::string_view name;
  std::string_view expected;
  std::uint64_t BootConfig::* number = nullptr;
  std::uint64_t min = kMinMs;
  std::uint64_t max = kMaxMs;
  bool BootConfig::* flag = nullptr;
  Ipv4 BootConfig::* ipv4 = nullptr;  // none of the three: the host's name
};

constexpr Key kKeys[] = {
    {.name = "hostname", .expected = "expected 1 to 32 letters, digits and hyphens between them"},
    {.name = "address",
     .expected = "expected \"dhcp\" or the IPv4 address of one host",
     .ipv4 = &BootConfig::address},
    {.name = "netmask", .expected = "expected an IPv4 netmask", .ipv4 = &BootConfig::netmask},
    {.name = "gateway", .expected = "expected an IPv4 address", .ipv4 = &BootConfig::gateway},
    {.name = "port",
     .expected = "expected a number from 1 to 65535",
     .number = &BootConfig::port,
     .min = 1,
     .max = 65'535},
    {.name = "format_blank", .expected = kYesOrNo, .flag = &BootConfig::format_blank},
    {.name = "format_corrupt", .expected = kYesOrNo, .flag = &BootConfig::format_corrupt},
    {.name = "header_ms", .expected = kMilliseconds, .number = &BootConfig::header_ms},
    {.name = "body_idle_ms", .expected = kMilliseconds, .number = &BootConfig::body_idle_ms},
    {.name = "write_idle_ms", .expected = kMilliseconds, .number = &BootConfig::write_idle_ms},
    {.name = "keep_alive_idle_ms",
     .expected = kMilliseconds,
     .number = &BootConfig::keep_alive_idle_ms},
    {.name = "max_content_length",
     .expected = "expected bytes, 1 to 1099511627776",
     .number = &BootConfig::max_content_length,
     .min = 1,
     .max = kMaxLength},
};
constexpr std::size_t kNetmask = 2, kGateway = 3;
static_assert(kKeys[kNetmask].name == "netmask" && kKeys[kGateway].name == "gateway");

std::uint32_t bits_of(const Ipv4& address) noexcept {
  std::uint32_t bits = 0;
  for (const std::uint8_t byte : address) bits = bits << 8 | byte;
  return bits;
}

// RFC 1122 §3.2.1.3: not "this network", not loopback; nor multicast and what is above it.
bool is_host(const Ipv4& address) noexcept {
  return address[0] != 0 && address[0] != 127 && address[0] < 224;
}

// RFC 952 with RFC 1123 §2.1.
bool is_hostname(std::string_view text) noexcept {
  const auto is_allowed = [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; };
  return !text.empty() && text.size() <= BootConfig::kMaxHostname && text.front() != '-' &&
         text.back() != '-' && std::ranges::all_of(text, is_allowed);
}

static_assert(kBootConfigMemoryBytes >= app::JsonView::memory_for(kMaxBootConfigBytes));

class Reading final : public app::JsonVisitor {
 public:
  explicit Reading(const BootConfig& defaults) noexcept : config(defaults) {}

  bool member(const JsonItem& item) noexcept override {
    std::memcpy(key, item.name.data(), std::min(item.name.size(), sizeof(key) - 1));
    const Key* const row = std::ranges::find(kKeys, item.name, &Key::name);
    if (row == std::end(kKeys)) return fails("unknown key");
    const std::uint32_t bit = 1u << (row - kKeys);
    if ((seen_ & bit) != 0) return fails("the key is there twice");
    seen_ |= bit;
    if (!set(*row, item)) return fails(row->expected);
    std::memset(key, 0, sizeof(key));
    return true;
  }

  /// What no key can tell alone. Returns: as member().
  bool finish() noexcept {
    const std::uint32_t mask = bits_of(config.netmask), own = bits_of(config.address);
    if (config.uses_dhcp()) {
      const bool is_alone = (seen_ & (1u << kNetmask | 1u << kGateway)) == 0;
      return is_alone || fails("netmask and gateway need an address of the board's own");
    }
    if ((own & ~mask) == 0 || (own & ~mask) == ~mask) return fails("no host has that address");
    if (config.gateway == Ipv4{}) return true;
    if (((bits_of(config.gateway) ^ own) & mask) == 0) return true;
    return fails("the gateway is in another network than the address");
  }

  BootConfig config;
  std::string_view reason;
  char key[sizeof(BootConfigError::key)] = {};  // whose turn it is

 private:
  bool fails(std::string_view why) noexcept {
    reason = why;
    return false;
  }

  bool set(const Key& row, const JsonItem& item) noexcept {
    if (row.number != nullptr) {
      const Result<std::uint64_t> number = parse_decimal(item.text);
      if (item.type != JsonItem::Type::number || !number) return false;
      config.*row.number = *number;
      return *number >= row.min && *number <= row.max;
    }
    if (row.flag != nullptr) {
      config.*row.flag = item.boolean;
      return item.type == JsonItem::Type::boolean;
    }
    if (item.type != JsonItem::Type::string) return false;
    return row.ipv4 != nullptr ? set_ipv4(row, item.text) : set_hostname(item.text);
  }

  bool set_hostname(std::string_view text) noexcept {
    if (!is_hostname(text)) return false;
    std::memset(config.hostname, 0, sizeof(config.hostname));
    std::memcpy(config.hostname, text.data(), text.size());
    return true;
  }

  bool set_ipv4(const Key& row, std::string_view text) noexcept {
    if (row.ipv4 == &BootConfig::address && text == "dhcp") return true;
    const Result<Ipv4> address = parse_ipv4(text);
    if (!address) return false;
    config.*row.ipv4 = *address;
    if (row.ipv4 != &BootConfig::netmask) return is_host(*address);
    const std::uint32_t hosts = ~bits_of(*address);  // ones at its end alone, two at least
    return (hosts & (hosts + 1)) == 0 && hosts >= 3 && (*address)[0] != 0;
  }

  std::uint32_t seen_ = 0;  // bit i: kKeys[i]
};

}  // namespace

Result<Ipv4> parse_ipv4(std::string_view text) noexcept {
  Ipv4 address{};
  for (std::size_t i = 0; i < address.size(); ++i) {
    const bool is_last = i + 1 == address.size();
    const std::size_t end = is_last ? text.size() : text.find('.');
    if (end == std::string_view::npos) return Error::bad_request;
    const std::string_view part = text.substr(0, end);
    const Result<std::uint64_t> number = parse_decimal(part);
    if (!number || *number > 255 || (part.size() > 1 && part[0] == '0')) return Error::bad_request;
    address[i] = static_cast<std::uint8_t>(*number);
    text.remove_prefix(is_last ? end : end + 1);
  }
  return address;
}

Result<> parse_boot_config(std::string_view text, std::span<char> memory, BootConfig& config,
                           BootConfigError& error) noexcept {
  error = {};
  if (text.size() > kMaxBootConfigBytes) {
    error.reason = kBootConfigTooLarge;
    return Error::bad_json;
  }
  Reading reading(config);
  std::size_t end = 0;
  const Result<> parsed = app::JsonView::visit(text, memory, reading, end);
  if (parsed && reading.finish()) {
    config = reading.config;
    return {};
  }
  error.reason = reading.reason.empty() ? "no JSON object, or it breaks off" : reading.reason;
  std::memcpy(error.key, reading.key, sizeof(error.key));
  if (!parsed) {
    error.line = 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, end), '\n'));
  }
  return Error::bad_json;
}

void describe(const BootConfigError& error, TextWriter& line) noexcept {
  line.append(kBootConfigName);
  if (error.line > 0) line.append(", line ").append_decimal(error.line);
  line.append(": ");
  if (error.key[0] != '\0') line.append(error.key).append(": ");
  line.append(error.reason);
}

}  // namespace wherry::boards
