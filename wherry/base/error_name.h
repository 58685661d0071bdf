// SPDX-License-Identifier: MIT
// Short names of errors, for machines: labels of metrics, fields of events. A file of its own, so
// that a program that tells none to machines has none of them.
#pragma once

#include "wherry/base/error.h"

namespace wherry {

/// Returns: the error as it stands in the enum: "not_found"; "ok" for Error::none. Lower-case
/// letters and underscores alone; they do not change.
const char* name_of(Error error) noexcept;

}  // namespace wherry
