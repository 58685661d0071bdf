// SPDX-License-Identifier: MIT
// How much there is of everything on this board, and what is served.
#include "boards/common/firmware.h"
#include "boards/common/immortal.h"
#include "boards/common/serial.h"
#include "boards/common/startup.h"
#include "boards/common/watchdog.h"
#include "boards/mps2_an505/host_file.h"
#include "wherry/transfer/service.h"

namespace wherry::boards {
namespace {

constexpr std::uint32_t kCoreHz = 20'000'000;

// What is served: the groups of wherry/transfer/service.h. What is not named here is not in flash.
// Uploads that go on come first: they take PUT from the others.
constexpr auto kRoutes = app::join(
    transfer::kResumableRoutes, transfer::kTusRoutes, transfer::kGuideRoutes, transfer::kFileRoutes,
    transfer::kStatusRoutes, transfer::kMetricsRoutes, transfer::kEventRoutes);
constexpr app::App kApp{.routes = kRoutes, .error_handlers = transfer::kResumableErrors};

constexpr app::Limits kLimits = {
    .max_connections = 4,
    .max_refusals = 1,
    .max_readline = 1024,
    .max_header_bytes = 2048,
    .max_content_length = 16 * 1024 * 1024,
    .max_body_length = 2048,
    .max_form_reply_bytes = 2048,
    .receive_buffer_size = 2048,
    .max_unfinished_uploads = 16,
    .upload_keep_bytes = 64 * 1024,
    .keeps_upload_digests = false,
    .send_file_buffer_size = 1024,
    .arena_bytes = 8 * 1024,
    .kept_events = 16,
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

constexpr storage::littlefs::Options kFiles = {
    .slots = 6,
    .path_bytes = 255,
    .slot_block_bytes = 4096,
    .sector_bytes = HostFile::kSectorBytes,
    .uploads = &storage::littlefs::Writer::kUploads,
    .file_system = {.block_bytes = 4096, .lookahead_bytes = 64},
};

// The least that memory.ld leaves for the stack; peaks are in docs/MEMORY.md.
constexpr std::size_t kStackBytes = 8 * 1024;

// What RAM is taken by: boards/common/ram_sum.h has the terms, docs/MEMORY.md their numbers.
constexpr std::size_t kRamBudgetBytes = 176 * 1024;
constexpr RamSum kRam = Firmware<kLimits, kFiles>::ram_sum(sizeof(HostFile), kStackBytes);
static_assert(kRam.heads + kRam.arenas + kRam.slots + kRam.common_arena + kRam.events +
                  kRam.refusals ==
              sizeof(app::ServerMemory<kLimits>));

constinit Immortal<HostFile> file_place;
constinit Immortal<Firmware<kLimits, kFiles>> firmware_place;

}  // namespace
}  // namespace wherry::boards

extern "C" void wherry_main() {
  using namespace wherry::boards;
  hand_to_linker<kRam, kRamBudgetBytes>();
  serial::start();
  start_clock(kCoreHz);
  watchdog::start();
  auto& file = file_place.make();
  firmware_place.make(kApp, file, kNetworkOptions).run();
}
