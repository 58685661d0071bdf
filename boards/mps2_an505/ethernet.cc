// SPDX-License-Identifier: MIT
// LAN9118: FIFOs of words, with a status word for each frame that comes and two command words for
// each piece of a frame that goes.
#include "boards/common/ethernet.h"

#include <cstddef>

#include "boards/common/cortex_m.h"
#include "boards/common/fifo.h"
#include "boards/common/phy.h"
#include "wherry/base/assert.h"
#include "wherry/net/lwip/lwip_library.h"

namespace wherry::boards::ethernet {
namespace {

constexpr std::uintptr_t kLan9118 = 0x42000000;
constexpr Register kReceiveData(kLan9118 + 0x00);
constexpr Register kTransmitData(kLan9118 + 0x20);
constexpr Register kReceiveStatus(kLan9118 + 0x40);
constexpr Register kTransmitStatus(kLan9118 + 0x48);
constexpr Register kInterruptConfig(kLan9118 + 0x54);
constexpr Register kInterruptStatus(kLan9118 + 0x58);  // writing a bit acknowledges it
constexpr Register kInterruptEnable(kLan9118 + 0x5C);
constexpr Register kByteTest(kLan9118 + 0x64);
constexpr Register kFifoLevels(kLan9118 + 0x68);
constexpr Register kReceiveConfig(kLan9118 + 0x6C);
constexpr Register kTransmitConfig(kLan9118 + 0x70);
constexpr Register kHardwareConfig(kLan9118 + 0x74);
constexpr Register kReceiveFifo(kLan9118 + 0x7C);
constexpr Register kTransmitFifo(kLan9118 + 0x80);
constexpr Register kMacCommand(kLan9118 + 0xA4);
constexpr Register kMacData(kLan9118 + 0xA8);

constexpr std::uint32_t kReceivedBit = 1u << 3;  // more status words than the level set: 0
constexpr std::uint32_t kInterruptNumber = 48;
constexpr std::uint32_t kWord = 4;
constexpr std::uint32_t kChecksumBytes = 4;

// Registers of the MAC itself, behind kMacCommand.
constexpr std::uint32_t kMacControl = 1, kMacAddressHigh = 2, kMacAddressLow = 3, kMiiAccess = 6,
                        kMiiData = 7;
constexpr std::uint32_t kMacBusy = 1u << 31, kMacRead = 1u << 30;

void wait_for_mac() noexcept {
  while ((kMacCommand.get() & kMacBusy) != 0) continue;
}

std::uint32_t read_mac(std::uint32_t index) noexcept {
  wait_for_mac();
  kMacCommand.set(kMacBusy | kMacRead | index);
  wait_for_mac();
  return kMacData.get();
}

void write_mac(std::uint32_t index, std::uint32_t value) noexcept {
  wait_for_mac();
  kMacData.set(value);
  kMacCommand.set(kMacBusy | index);
  wait_for_mac();
}

std::uint32_t read_phy(std::uint32_t index) noexcept {
  constexpr std::uint32_t kOwnPhy = 1u << 11, kIndexShift = 6, kBusy = 1;
  write_mac(kMiiAccess, kOwnPhy | index << kIndexShift | kBusy);
  while ((read_mac(kMiiAccess) & kBusy) != 0) continue;
  return read_mac(kMiiData) & 0xFFFF;
}

bool has_frame() noexcept { return (kReceiveFifo.get() >> 16 & 0xFF) != 0; }

}  // namespace

MacAddress start() noexcept {
  constexpr std::uint32_t kRightOrder = 0x87654321, kReset = 1;
  WHERRY_ASSERT(kByteTest.get() == kRightOrder);
  kHardwareConfig.set(kReset);
  while ((kHardwareConfig.get() & kReset) != 0) continue;
  constexpr std::uint32_t kWholeFrames = 1u << 20, kTransmitFifoSize = 5u << 16;
  kHardwareConfig.set(kWholeFrames | kTransmitFifoSize);

  kInterruptEnable.set(0);
  kInterruptStatus.set(0xFFFFFFFF);
  kReceiveConfig.set(ETH_PAD_SIZE << 8);
  kFifoLevels.set(0x48000000);  // interrupt at the first status word of a received frame
  constexpr std::uint32_t kEnable = 1u << 8, kActiveHigh = 1u << 4, kPushPull = 1;
  constexpr std::uint32_t kDeassertion = 0x22u << 24;
  kInterruptConfig.set(kDeassertion | kEnable | kActiveHigh | kPushPull);

  const std::uint32_t low = read_mac(kMacAddressLow), high = read_mac(kMacAddressHigh);
  constexpr std::uint32_t kTransmitterOn = 1u << 1;
  kTransmitConfig.set(kTransmitterOn);
  constexpr std::uint32_t kFullDuplex = 1u << 20, kTransmit = 1u << 3, kReceive = 1u << 2;
  write_mac(kMacControl, kFullDuplex | kTransmit | kReceive);
  enable_interrupt(kInterruptNumber);

  const auto byte_of = [](std::uint32_t word, unsigned index) {
    return static_cast<std::uint8_t>(word >> 8 * index);
  };
  return {byte_of(low, 0), byte_of(low, 1),  byte_of(low, 2),
          byte_of(low, 3), byte_of(high, 0), byte_of(high, 1)};
}

bool has_link() noexcept { return phy::has_link(&read_phy); }

pbuf* receive(bool (*is_wanted)(std::uint32_t size)) noexcept {
  constexpr std::uint32_t kIsDamaged = 1u << 15;
  while (has_frame()) {
    const std::uint32_t status = kReceiveStatus.get();
    const std::uint32_t length = status >> 16 & 0x3FFF;
    const std::uint32_t word_count = (ETH_PAD_SIZE + length + kWord - 1) / kWord;
    const std::uint32_t size = length - kChecksumBytes;
    pbuf* buffer = nullptr;
    // One buffer has room for a frame with its checksum, and for the rest of a word.
    static_assert(PBUF_POOL_BUFSIZE >= 1524 && PBUF_POOL_BUFSIZE % kWord == 0);
    if ((status & kIsDamaged) == 0 && word_count * kWord <= PBUF_POOL_BUFSIZE && is_wanted(size)) {
      buffer = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(ETH_PAD_SIZE + size), PBUF_POOL);
    }
    if (buffer != nullptr) {
      take_words(kReceiveData, static_cast<std::byte*>(buffer->payload), word_count);
      return buffer;
    }
    skip_words(kReceiveData, word_count);
  }
  return nullptr;
}

void send(const pbuf& frame) noexcept {
  constexpr std::uint32_t kFirstPiece = 1u << 13, kLastPiece = 1u << 12, kMargin = 64;
  const std::uint32_t frame_bytes = frame.tot_len - std::uint32_t{ETH_PAD_SIZE};
  while ((kTransmitFifo.get() >> 16 & 0xFF) != 0) static_cast<void>(kTransmitStatus.get());
  while ((kTransmitFifo.get() & 0xFFFF) < frame_bytes + kMargin) continue;

  std::uint32_t skipped = ETH_PAD_SIZE;
  std::uint32_t position = kFirstPiece;
  for (const pbuf* buffer = &frame; buffer != nullptr; buffer = buffer->next) {
    const auto address = reinterpret_cast<std::uintptr_t>(buffer->payload) + skipped;
    const std::uint32_t size = buffer->len - skipped;
    skipped = 0;
    // The controller takes whole words and leaves out what lies before the piece in its first.
    const std::uint32_t offset = address % kWord;
    if (buffer->next == nullptr) position |= kLastPiece;
    kTransmitData.set(offset << 16 | position | size);
    kTransmitData.set(frame_bytes);
    position = 0;
    put_words(kTransmitData, reinterpret_cast<const std::byte*>(address - offset),
              (offset + size + kWord - 1) / kWord);
  }
}

bool arm_interrupt() noexcept {
  kInterruptStatus.set(kReceivedBit);
  kInterruptEnable.set(kReceivedBit);
  return has_frame();
}

void on_interrupt() noexcept { kInterruptEnable.set(0); }

}  // namespace wherry::boards::ethernet
