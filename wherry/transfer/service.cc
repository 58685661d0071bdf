// SPDX-License-Identifier: MIT
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

constexpr app::Route kRoutes[] = {
    app::get<"/", home>,
    app::put<"/upload/<path:filename>", upload>,
    app::post<"/upload", upload_form>,
    app::put<"/discard/<path:filename>", discard>,
    app::get<"/download/file/<path:filename>", download>,
    app::get<"/download/generate/<int:size>", generate>,
    app::post<"/download/report", report>,
    app::get<"/status", status>,
};

}  // namespace

constexpr app::App kService{kRoutes};

Task<Response> home(Request& request) { co_return app::text(request, "OK"); }

}  // namespace wherry::transfer
