// SPDX-License-Identifier: MIT
// GET /status: what the server, its storage and its machine have in use. Each part tells its own
// (base/status.h); nothing here knows which parts a machine has.
#include "wherry/app/status_json.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

void tell_all(Request& request, const std::optional<storage::Space>& space, StatusSink& sink) {
  sink.text("version", WHERRY_VERSION);
  sink.gauge("uptime_ms", request.loop().uptime_ms());
  sink.section("storage");
  if (space) sink.gauge("total_bytes", space->total_bytes);
  if (space && space->free_bytes) sink.gauge("free_bytes", *space->free_bytes);
  request.storage().report(sink);
  if (request.status() != nullptr) request.status()->report(sink);
}

coro::Generator<Bytes> status_page(Request& request, std::optional<storage::Space> space) {
  app::StatusJson page;
  while (!page.is_finished()) {
    page.begin_piece();
    tell_all(request, space, page);
    co_yield page.end_piece();
  }
}

}  // namespace

// A storage that does not answer is no reason to tell nothing: its sizes are left out.
Task<Response> status(Request& request) {
  const auto space = co_await coro::as_result(request.storage().measure());
  Response response =
      app::stream(request, status_page(request, space ? std::optional(*space) : std::nullopt),
                  std::nullopt, "application/json");
  response.header("Cache-Control", "no-store");
  co_return response;
}

}  // namespace wherry::transfer
