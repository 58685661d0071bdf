// SPDX-License-Identifier: MIT
// How much there is of everything on this board, and what is served.
#include "boards/common/firmware.h"
#include "boards/common/immortal.h"
#include "boards/common/serial.h"
#include "boards/common/startup.h"
#include "wherry/storage/memory/memory_storage.h"

namespace wherry::boards {
namespace {

constexpr std::uint32_t kCoreHz = 12'500'000;  // as it is after reset

constexpr app::Limits kLimits = {
    .max_connections = 4,
    .max_refusals = 1,
    .max_readline = 512,
    .max_header_bytes = 1024,
    .max_content_length = 16 * 1024 * 1024,
    .max_body_length = 512,
    .max_form_reply_bytes = 512,
    .receive_buffer_size = 512,
    .send_file_buffer_size = 512,
    .arena_bytes = 4 * 1024,
    .header_ms = 30'000,
    .body_idle_ms = 30'000,
    .write_idle_ms = 30'000,
    .keep_alive_idle_ms = 60'000,
    .linger_bytes = 64 * 1024 * 1024,
    .linger_ms = 10'000,
};

constexpr NetworkOptions kNetworkOptions = {
    .fallback_address = {192, 168, 0, 10},
    .fallback_gateway = {192, 168, 0, 1},
};

constexpr std::size_t kStorageBytes = 8 * 1024;

constinit Immortal<net::lwip::LwipLoop> loop_place;
constinit Immortal<storage::memory::MemoryStorage> storage_place;
constinit Immortal<Firmware<kLimits>> firmware_place;
alignas(8) constinit std::array<std::byte, kStorageBytes> storage_memory = {};

}  // namespace
}  // namespace wherry::boards

extern "C" void wherry_main() {
  using namespace wherry;
  using namespace wherry::boards;
  serial::start();
  start_clock(kCoreHz);
  auto& loop = loop_place.make(&uptime_ms, flash());
  auto& files =
      storage_place.make(storage_memory, storage::memory::Options{.files = 4, .slots = 4});
  firmware_place.make(files, loop, kNetworkOptions).run();
}
