// SPDX-License-Identifier: MIT
// store(): the body of a PUT becomes a file. What the routes share that serve it.
#pragma once

#include <string_view>

#include "wherry/app/request.h"
#include "wherry/app/response.h"
#include "wherry/coro/task.h"

namespace wherry::transfer {

/// Where a stored file is found that the guide's routes have taken.
inline constexpr std::string_view kDownloads = "/download/file/";

/// Removes what may go when the storage is full, so that there is room.
using MakeRoom = coro::Task<> (*)(app::Request& request);

/// Stores the body as `filename`, which the reply says is served beneath `where`. `make_room`:
/// called once where there is none; nullptr: nothing may go.
coro::Task<app::Response> store(app::Request& request, std::string_view filename,
                                std::string_view where, MakeRoom make_room);

}  // namespace wherry::transfer
