// SPDX-License-Identifier: MIT
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

constexpr auto kRoutes = app::join(kResumableRoutes, kTusRoutes, kGuideRoutes, kFileRoutes,
                                   kStatusRoutes, kMetricsRoutes, kEventRoutes);

}  // namespace

constexpr app::App kService{.routes = kRoutes, .error_handlers = kResumableErrors};

}  // namespace wherry::transfer
