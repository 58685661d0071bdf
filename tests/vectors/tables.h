// SPDX-License-Identifier: MIT
// The tables of base's and http's unit tests (x_vectors.h, beside x_test.cc), row by row.
#pragma once

#include "tests/vectors/report.h"

namespace wherry::vectors {

/// All of the tables below.
void run_tables(Report& report);

/// CRC-32, digests, base64, numbers, percent-encoding, UTF-8, escapes.
void run_base_tables(Report& report);

/// Request heads, what their fields say, targets; heads also byte by byte.
void run_head_tables(Report& report);

/// Bodies, whole, cut in two at every place and byte by byte: chunked, forms.
void run_body_tables(Report& report);

/// Entity tags, preconditions, digests, what a client accepts.
void run_condition_tables(Report& report);

/// Ranges, dates, names of files, media types.
void run_value_tables(Report& report);

/// A table of two rows, the second of which is wrong: row 1 must fail, and the run with it.
void run_wrong_table(Report& report);

}  // namespace wherry::vectors
