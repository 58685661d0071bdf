// SPDX-License-Identifier: MIT
// The one place where errno becomes an Error. What the same number means depends on who asks: a
// reader is not told why it may not see a file, a writer is told what is in its way.
#pragma once

#include "wherry/base/error.h"

namespace wherry::storage::posix {

/// Returns: what `error_number` of a call that opens or reads means to a reader.
Error reader_error(int error_number) noexcept;

/// Returns: what `error_number` of a call that makes, writes or renames means to a writer.
Error writer_error(int error_number) noexcept;

/// Returns: what `error_number` of a call that sends a file to a socket means to the sender.
Error sender_error(int error_number) noexcept;

}  // namespace wherry::storage::posix
