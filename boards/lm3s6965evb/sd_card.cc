// SPDX-License-Identifier: MIT
#include "boards/lm3s6965evb/sd_card.h"

#include <array>

#include "boards/common/clock.h"
#include "boards/common/watchdog.h"
#include "boards/lm3s6965evb/spi.h"

namespace wherry::boards {
namespace {

using storage::littlefs::DeviceStatus;

enum class Command : std::uint8_t {
  go_idle = 0,
  send_interface_condition = 8,
  send_card_data = 9,  // CSD
  set_block_size = 16,
  read_sector = 17,
  write_sector = 24,
  send_operating_condition = 41,  // after application_command
  application_command = 55,
  read_operating_conditions = 58,
};

constexpr std::uint8_t kOnes = 0xFF;  // an idle line
constexpr std::uint8_t kReady = 0x00, kIdle = 0x01, kIsNoAnswer = 0x80;
constexpr std::uint8_t kDataToken = 0xFE;
constexpr std::uint64_t kReadMs = 200, kWriteMs = 500, kStartMs = 1000;

/// Chooses the card for as long as it lives; then gives it the clock that it needs to let go.
class Selected {
 public:
  Selected() noexcept { spi::select(true); }
  ~Selected() {
    spi::select(false);
    spi::exchange(kOnes);
  }
  Selected(const Selected&) = delete;
  Selected& operator=(const Selected&) = delete;
};

/// Waits until the card says something else than `busy`. Returns: what; `busy` when it never does.
std::uint8_t wait_while(std::uint8_t busy, std::uint64_t within_ms) noexcept {
  const std::uint64_t deadline_ms = uptime_ms() + within_ms;
  std::uint8_t answer = busy;
  while (answer == busy && uptime_ms() <= deadline_ms) answer = spi::exchange(kOnes);
  return answer;
}

// Only the two commands before a card is in SPI mode have their checksums looked at.
std::uint8_t checksum_of(Command command) noexcept {
  if (command == Command::go_idle) return 0x95;
  return command == Command::send_interface_condition ? 0x87 : 0x01;
}

std::uint8_t ask(Command command, std::uint32_t argument) noexcept {
  constexpr int kMaxWait = 10;  // bytes
  spi::exchange(kOnes);
  spi::exchange(static_cast<std::uint8_t>(0x40 | static_cast<unsigned>(command)));
  for (int shift = 24; shift >= 0; shift -= 8) {
    spi::exchange(static_cast<std::uint8_t>(argument >> shift));
  }
  spi::exchange(checksum_of(command));
  std::uint8_t answer = kOnes;
  for (int i = 0; i < kMaxWait && (answer & kIsNoAnswer) != 0; ++i) answer = spi::exchange(kOnes);
  return answer;
}

std::uint32_t receive_word() noexcept {
  std::uint32_t word = 0;
  for (int i = 0; i < 4; ++i) word = word << 8 | spi::exchange(kOnes);
  return word;
}

bool receive_data(MutableBytes into) noexcept {
  if (wait_while(kOnes, kReadMs) != kDataToken) return false;
  spi::receive(into);
  spi::exchange(kOnes);  // the checksum, which is off in SPI mode
  spi::exchange(kOnes);
  return true;
}

/// SD specification §5.3: the capacity in sectors.
std::uint32_t sectors_of(const std::array<std::byte, 16>& data) noexcept {
  const auto at = [&data](std::size_t i) { return std::to_integer<std::uint32_t>(data[i]); };
  const bool is_version_1 = at(0) >> 6 == 0;
  if (!is_version_1) return (((at(7) & 0x3F) << 16 | at(8) << 8 | at(9)) + 1) * 1024;
  const std::uint32_t size = (at(6) & 3) << 10 | at(7) << 2 | at(8) >> 6;
  const std::uint32_t multiplier = (at(9) & 3) << 1 | at(10) >> 7;
  const std::uint32_t block_shift = at(5) & 15;
  return (size + 1) << (multiplier + 2 + block_shift - 9);
}

}  // namespace

bool SdCard::start() noexcept {
  sector_count_ = 0;
  spi::start();
  for (int i = 0; i < 10; ++i) spi::exchange(kOnes);  // at least 74 clocks before it is chosen
  const bool is_there = identify();
  if (is_there) spi::go_fast();
  return is_there;
}

bool SdCard::identify() noexcept {
  constexpr std::uint32_t kVoltageAndPattern = 0x1AA, kTakesLargeCards = 1u << 30;
  const Selected selected;
  if (ask(Command::go_idle, 0) != kIdle) return false;
  const bool is_version_2 = ask(Command::send_interface_condition, kVoltageAndPattern) == kIdle;
  if (is_version_2) receive_word();

  const std::uint64_t deadline_ms = uptime_ms() + kStartMs;
  std::uint8_t answer = kIdle;
  while (answer != kReady) {
    if (uptime_ms() > deadline_ms) return false;
    ask(Command::application_command, 0);
    answer = ask(Command::send_operating_condition, is_version_2 ? kTakesLargeCards : 0);
  }
  // QEMU's card says here that it is idle still.
  if (ask(Command::read_operating_conditions, 0) > kIdle) return false;
  counts_sectors_ = (receive_word() & kTakesLargeCards) != 0;

  std::array<std::byte, 16> data;
  if (ask(Command::send_card_data, 0) != kReady || !receive_data(data)) return false;
  if (ask(Command::set_block_size, kSectorBytes) != kReady) return false;
  sector_count_ = sectors_of(data);
  return true;
}

DeviceStatus SdCard::read(std::uint32_t first_sector, MutableBytes into) noexcept {
  for (; !into.empty(); into = into.subspan(kSectorBytes)) {
    if (!read_sector(first_sector++, into.first(kSectorBytes))) return DeviceStatus::failed;
  }
  return DeviceStatus::ok;
}

DeviceStatus SdCard::program(std::uint32_t first_sector, Bytes bytes) noexcept {
  for (; !bytes.empty(); bytes = bytes.subspan(kSectorBytes)) {
    if (!program_sector(first_sector++, bytes.first(kSectorBytes))) return DeviceStatus::failed;
  }
  return DeviceStatus::ok;
}

bool SdCard::read_sector(std::uint32_t sector, MutableBytes into) noexcept {
  watchdog::feed();
  const Selected selected;
  return ask(Command::read_sector, address_of(sector)) == kReady && receive_data(into);
}

bool SdCard::program_sector(std::uint32_t sector, Bytes bytes) noexcept {
  constexpr std::uint8_t kResponseBits = 0x1F, kAccepted = 0x05, kBusy = 0x00;
  watchdog::feed();
  const Selected selected;
  if (ask(Command::write_sector, address_of(sector)) != kReady) return false;
  spi::exchange(kOnes);
  spi::exchange(kDataToken);
  spi::send(bytes);
  spi::exchange(kOnes);  // the checksum
  spi::exchange(kOnes);
  const std::uint8_t response = wait_while(kOnes, kWriteMs);
  if ((response & kResponseBits) != kAccepted) return false;
  return wait_while(kBusy, kWriteMs) != kBusy;
}

}  // namespace wherry::boards
