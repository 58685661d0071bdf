// SPDX-License-Identifier: MIT
// The lamps of a house: lamps.cpp answers requests, lamps_main.cpp serves it, lamps_test.cpp tests
// it without a server. It is apart from main so that a test can have it.
#pragma once

#include "wherry/wherry.h"

extern const wherry::App kLamps;

/// The pages that may switch lamps from elsewhere.
extern const wherry::CorsOptions kLampPages;
