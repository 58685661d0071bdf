// SPDX-License-Identifier: MIT
// GET /metrics: the numbers of /status for Prometheus, with errors by kind and a histogram of how
// long requests took. Those that watch (/events and its like) are not in the histogram.
#include "wherry/app/metrics_text.h"
#include "wherry/base/error_name.h"
#include "wherry/transfer/service.h"
#include "wherry/transfer/watch.h"

namespace wherry::transfer {
namespace {

using app::Counts;
using app::Durations;
using app::MetricsText;

// Durations::kBoundsMs in seconds, as they stand in labels.
constexpr std::string_view kBounds[] = {"0.005", "0.025", "0.1", "0.5", "1",
                                        "5",     "30",    "120", "600", "3600"};
static_assert(std::size(kBounds) == Durations::kBoundsMs.size());

void tell_errors(const Counts& counts, MetricsText& page) noexcept {
  page.family("errors_total", "counter", "by kind");
  for (std::uint8_t i = 1; i < static_cast<std::uint8_t>(Error::count_); ++i) {
    const auto error = static_cast<Error>(i);
    const std::size_t count = counts.errors[i];
    if (count > 0) {
      page.sample("", "error", name_of(error), count);
    } else {
      page.no_sample();
    }
  }
}

void tell_durations(const Durations& durations, MetricsText& page) noexcept {
  page.family("request_duration_seconds", "histogram", "request durations");
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < std::size(kBounds); ++i) {
    count += durations.counts[i];
    page.sample("_bucket", "le", kBounds[i], count);
  }
  count += durations.counts.back();
  page.sample("_bucket", "le", "+Inf", count);
  page.sample("_sum", "", "", durations.sum_ms, 1000);
  page.sample("_count", "", "", count);
}

coro::Generator<Bytes> metrics_page(Request& request, std::optional<storage::Space> space) {
  MetricsText page;
  Counts counts;  // the same for all pieces of a page, so that its numbers fit together
  if (request.monitor() != nullptr) counts = request.monitor()->counts();
  while (!page.is_finished()) {
    page.begin_piece();
    tell_all(request, space, page);
    if (request.monitor() != nullptr) {
      tell_errors(counts, page);
      tell_durations(counts.durations, page);
    }
    co_yield page.end_piece();
  }
}

}  // namespace

Task<Response> metrics(Request& request) {
  request.transfer().is_watching = true;
  const auto space = co_await coro::as_result(request.storage().measure());
  Response response =
      app::stream(request, metrics_page(request, space ? std::optional(*space) : std::nullopt),
                  std::nullopt, MetricsText::kContentType);
  response.header("Cache-Control", "no-store");
  co_return response;
}

}  // namespace wherry::transfer
