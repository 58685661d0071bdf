// SPDX-License-Identifier: MIT
// GET /status: what the server, its storage and its machine have in use, and which requests run.
// Each part tells its own (base/status.h); nothing here knows which parts a machine has.
#include "wherry/app/status_json.h"
#include "wherry/transfer/service.h"
#include "wherry/transfer/watch.h"

namespace wherry::transfer {
namespace {

void write_running(const app::Report& report, app::JsonWriter& row) noexcept {
  const ShownPath path(report.path());
  const ShownPath method(report.method().substr(0, app::TransferEvent::kMaxMethodBytes));
  row.begin_object().key("id").value(report.id());
  row.key("method").value(method.view()).key("path").value(path.view());
  row.key("bytes").value(report.bytes()).key("rate").value(report.rate());
  row.key("duration_ms").value(report.duration_ms()).end_object();
}

/// Lists what runs from `slot` on, as far as this piece of the page goes.
void list_running(app::Monitor& monitor, std::uint32_t& slot, app::StatusJson& page) noexcept {
  for (; const app::Report* report = monitor.requests().next_running(slot); ++slot) {
    if (report->is_watching()) continue;
    app::JsonWriter* row = page.row();
    if (row == nullptr) return;
    write_running(*report, *row);
  }
}

coro::Generator<Bytes> status_page(Request& request, std::optional<storage::Space> space) {
  app::StatusJson page;
  std::uint32_t slot = 0;
  while (!page.is_finished()) {
    page.begin_piece();
    tell_all(request, space, page);
    if (app::Monitor* monitor = request.monitor()) {
      page.list("running");
      list_running(*monitor, slot, page);
    }
    co_yield page.end_piece();
  }
}

}  // namespace

void tell_all(Request& request, const std::optional<storage::Space>& space, StatusSink& sink) {
  sink.text("version", WHERRY_VERSION);
  sink.gauge("uptime_ms", request.loop().uptime_ms());
  sink.section("storage");
  if (space) sink.gauge("total_bytes", space->total_bytes);
  if (space && space->free_bytes) sink.gauge("free_bytes", *space->free_bytes);
  request.storage().report(sink);
  if (request.status() != nullptr) request.status()->report(sink);
}

// A storage that does not answer is no reason to tell nothing: its sizes are left out.
Task<Response> status(Request& request) {
  request.transfer().is_watching = true;
  if (request.monitor() != nullptr) request.monitor()->announce_running();
  const auto space = co_await coro::as_result(request.storage().measure());
  Response response =
      app::stream(request, status_page(request, space ? std::optional(*space) : std::nullopt),
                  std::nullopt, "application/json");
  response.header("Cache-Control", "no-store");
  co_return response;
}

}  // namespace wherry::transfer
