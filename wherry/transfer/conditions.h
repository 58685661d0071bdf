// SPDX-License-Identifier: MIT
// What a request that changes a file may demand of the one that is there: RFC 9110 §13, for PUT,
// DELETE and POST. (send_file does so for GET and HEAD.)
#pragma once

#include <cstdint>
#include <string_view>

#include "wherry/app/request.h"
#include "wherry/coro/task.h"
#include "wherry/storage/storage.h"

namespace wherry::transfer {

/// Whether `request` has any condition: else there is nothing to await.
bool has_conditions(const app::Request& request) noexcept;

enum class Target : std::uint8_t {
  may_be_new,  // a file that the request would make
  must_exist,  // a file or folder that it changes
};

/// Looks at the file `path`, and judges the conditions by it. They are the last to be asked: what
/// the request would fail by without them is told instead (RFC 9110 §13.2.1).
/// Returns: what the change is to expect: nobody is to come between this look and the change.
/// Errors: precondition_failed; those of Storage::open, but not_found only of what must exist.
coro::Task<storage::Expected> judge_conditions(app::Request& request, std::string_view path,
                                               Target target);

}  // namespace wherry::transfer
