// SPDX-License-Identifier: MIT
// For tests alone: an application with a handler for each way in which one can read and answer.
#pragma once

#include "wherry/app/route.h"

namespace wherry::app {

/// GET  /hello                 "hello"
/// POST /echo                  the body, taken whole
/// POST /json                  {"n": its member n}
/// POST /form                  the value of "name" in an urlencoded form
/// PUT  /sink                  the size of the body, streamed
/// PUT  /in-place              the size and the CRC-32 of the body, read where it came
/// PUT  /first                 "first", when it has seen the first piece of the body
/// PUT  /early                 "early", without looking at the body
/// GET  /query                 the query parameter "q"
/// GET  /cookie                the cookie "c"
/// GET  /fail/<int:error>      ends with that Error
/// GET  /empty/<int:status>    no body
/// GET  /file/<path:name>      a stored file
/// GET  /sync/<int:size>       bytes that a Generator makes, of that size
/// GET  /async/<int:size>      the same by an AsyncGenerator, which sleeps in between
/// GET  /chunks/sync           an unknown number of bytes: "one", "", "two", "three"
/// GET  /chunks/async          the same
/// GET  /short                 promises 100 bytes and makes 10
/// GET  /nothing               promises 100 bytes and makes none
/// GET  /long                  promises 10 bytes and makes 100
/// GET  /late-error            an AsyncGenerator that makes 10 bytes and fails
/// GET  /outlived              says whether the handler's frame was gone when the body was made
/// GET  /bad-header            a header field that cannot be sent
/// GET  /bad-json              a JSON text that is not UTF-8
/// GET  /huge-json             a JSON text that no arena holds
/// GET  /headers               two fields of its own
/// GET  /hungry                a response for which there is no memory
/// GET  /moved                 a response that has been moved away
/// GET  /looked-at             "text/plain; charset=utf-8", as its own response tells it
extern const App kTestApp;

/// The same with handlers for the errors 404, 405, 500 (which fails itself) and 503.
extern const App kTestAppWithErrors;

}  // namespace wherry::app
