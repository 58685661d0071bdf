// SPDX-License-Identifier: MIT
// The board's peer: lwIP's own HTTP server (apps/http/httpd.c) on the same board, with the same
// drivers, the same lwIP and the same lwipopts.h, compiled with the same options. It serves one
// file of constant memory, the head included: what it does with the fewest instructions, without a
// copy.
//
// It must not use what serves files in Wherry. Its file has the bytes that Wherry generates.
#include <lwip/apps/fs.h>
#include <lwip/apps/httpd.h>

#include <array>
#include <cstring>
#include <string_view>

#include "boards/common/clock.h"
#include "boards/common/console.h"
#include "boards/common/cortex_m.h"
#include "boards/common/ethernet.h"
#include "boards/common/immortal.h"
#include "boards/common/network.h"
#include "boards/common/serial.h"
#include "boards/common/startup.h"
#include "boards/common/watchdog.h"
#include "wherry/net/lwip/loop.h"

namespace wherry::bench {
namespace {

constexpr std::uint32_t kCoreHz = 12'500'000;  // as it is after reset
constexpr std::size_t kFileBytes = 128 * 1024;
constexpr std::string_view kFileName = "/download/generate/131072";

// Each a multiple of four bytes, so that every segment begins at a word.
constexpr std::string_view kHead =
    "HTTP/1.0 200 OK\r\n"
    "Content-Length: 131072\r\n"
    "Content-Type: application/octet-stream\r\n"
    "X: abcd\r\n\r\n";
constexpr std::string_view kRoot = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nOK";
static_assert(kHead.size() % 4 == 0);

using File = std::array<char, kHead.size() + kFileBytes>;

constexpr File make_file() {
  File file{};
  std::size_t at = 0;
  for (const char character : kHead) file[at++] = character;
  for (std::size_t i = 0; i < kFileBytes; ++i) file[at++] = static_cast<char>(i % 256);
  return file;
}

alignas(4) constexpr File kFile = make_file();

constexpr boards::BootConfig kConfig;
constexpr boards::NetworkOptions kNetworkOptions;

class Firmware {
 public:
  Firmware() noexcept {
    network_.start(kNetworkOptions, kConfig);
    httpd_init();
  }

  [[noreturn]] void run() noexcept {
    while (true) {
      boards::watchdog::feed();
      const bool has_frames = network_.poll(loop_.uptime_ms());
      const bool has_work = loop_.run_once();
      boards::console().poll();
      if (!has_frames && !has_work) sleep_until_interrupt();
    }
  }

 private:
  static void sleep_until_interrupt() noexcept {
    const boards::InterruptLock lock;
    if (!boards::ethernet::arm_interrupt()) lock.sleep();
  }

  boards::Network network_;
  net::lwip::LwipLoop loop_{&boards::uptime_ms, Bytes()};
};

constinit boards::Immortal<Firmware> firmware_place;

err_t open(fs_file& file, std::string_view content) noexcept {
  std::memset(&file, 0, sizeof(file));
  file.data = content.data();
  file.len = file.index = static_cast<int>(content.size());
  file.flags = FS_FILE_FLAGS_HEADER_INCLUDED | FS_FILE_FLAGS_HEADER_PERSISTENT;
  return ERR_OK;
}

}  // namespace
}  // namespace wherry::bench

// The files that httpd.c asks for: instead of lwIP's fs.c.
extern "C" err_t fs_open(fs_file* file, const char* name) {
  using namespace wherry::bench;
  if (kFileName == name) return open(*file, {kFile.data(), kFile.size()});
  if (std::string_view(name) == "/index.html") return open(*file, kRoot);
  return ERR_VAL;
}

extern "C" void fs_close(fs_file*) {}

extern "C" int fs_bytes_left(fs_file* file) { return file->len - file->index; }

extern "C" void wherry_main() {
  using namespace wherry;
  boards::serial::start();
  boards::start_clock(bench::kCoreHz);
  boards::watchdog::start();
  bench::firmware_place.make().run();
}
