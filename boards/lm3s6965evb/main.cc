// SPDX-License-Identifier: MIT
// How much there is of everything on this board, and what is served.
#include "boards/common/firmware.h"
#include "boards/common/immortal.h"
#include "boards/common/serial.h"
#include "boards/common/startup.h"
#include "boards/common/watchdog.h"
#include "boards/lm3s6965evb/sd_card.h"
#include "wherry/transfer/service.h"

namespace wherry::boards {
namespace {

constexpr std::uint32_t kCoreHz = 12'500'000;  // as it is after reset

// Uploads that go on take a fifth of the flash: boards/CMakeLists.txt makes an image without, too.
#ifdef WHERRY_WITHOUT_UPLOADS
constexpr bool kHasUploads = false;
#else
constexpr bool kHasUploads = true;
#endif

// What is served: the groups of wherry/transfer/service.h. What is not named here is not in flash.
constexpr auto kSmallRoutes = app::join(
    transfer::kGuideRoutes, transfer::kFileRoutesWithoutArchives, transfer::kStatusRoutes);

// Uploads that go on come first: they take PUT from the others.
constexpr auto routes() {
  if constexpr (kHasUploads) {
    return app::join(transfer::kResumableRoutes, transfer::kTusRoutes, kSmallRoutes);
  } else {
    return kSmallRoutes;
  }
}
constexpr auto kRoutes = routes();
constexpr app::App app_of_routes() {
  app::App app{.routes = kRoutes};
  if constexpr (kHasUploads) app.error_handlers = transfer::kResumableErrors;
  return app;
}
constexpr app::App kApp = app_of_routes();

constexpr app::Limits kLimits = {
    .max_connections = 4,
    .max_refusals = 1,
    .max_readline = 512,
    .max_header_bytes = 768,
    .max_content_length = 16 * 1024 * 1024,
    .max_body_length = 512,
    .max_form_reply_bytes = 384,
    .receive_buffer_size = 256,
    .max_part_head_bytes = 256,
    .max_unfinished_uploads = 16,
    .upload_keep_bytes = 64 * 1024,
    .keeps_upload_digests = false,  // SHA-256 takes longer here than flash does
    .send_file_buffer_size = 512,
    // Where a body moves, and for a small reply; what forms, JSON and heads of replies need on top
    // is there for four requests at once.
    .arena_bytes = 768,
    .common_arena_bytes = 6656,
    .kept_events = 0,  // nobody asks for them
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
    .slots = 4,  // one for each connection: who is served can open a file
    .path_bytes = 96,
    .slot_block_bytes = SdCard::kSectorBytes,
    .sector_bytes = SdCard::kSectorBytes,
    .uploads = kHasUploads ? &storage::littlefs::Writer::kUploads : nullptr,
    .file_system = {.block_bytes = 4096, .lookahead_bytes = 64},
};

// The least that memory.ld leaves for the stack; peaks are in docs/MEMORY.md.
constexpr std::size_t kStackBytes = 4 * 1024;

// What RAM is taken by: boards/common/ram_sum.h has the terms, docs/MEMORY.md their numbers.
constexpr std::size_t kRamBudgetBytes = 48 * 1024;
constexpr RamSum kRam = Firmware<kLimits, kFiles>::ram_sum(sizeof(SdCard), kStackBytes);
static_assert(kRam.heads + kRam.arenas + kRam.slots + kRam.common_arena + kRam.events +
                  kRam.refusals ==
              sizeof(app::ServerMemory<kLimits>));

constinit Immortal<SdCard> card_place;
constinit Immortal<Firmware<kLimits, kFiles>> firmware_place;

}  // namespace
}  // namespace wherry::boards

extern "C" void wherry_main() {
  using namespace wherry::boards;
  hand_to_linker<kRam, kRamBudgetBytes>();
  serial::start();
  start_clock(kCoreHz);
  watchdog::start();
  auto& card = card_place.make();
  firmware_place.make(kApp, card, kNetworkOptions).run();
}
