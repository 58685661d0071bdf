// SPDX-License-Identifier: MIT
// What littlefs's codes mean here: the one place that translates them.
#pragma once

#include "wherry/base/error.h"

namespace wherry::storage::littlefs {

/// For who opens or reads. `code`: what littlefs returned; not negative: Error::none.
Error reader_error(int code) noexcept;

/// For who creates, writes or commits.
Error writer_error(int code) noexcept;

}  // namespace wherry::storage::littlefs
