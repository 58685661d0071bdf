#!/bin/bash
# SPDX-License-Identifier: MIT
# script/steps.sh: a run of steps fails when any of them does, whichever way it fails.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# expect NAME STATUS LAST_LINE: runs the steps on standard input.
expect() {
  local name=$1 wanted_status=$2 wanted_line=$3 status=0 output
  {
    printf 'set -euo pipefail\nsteps_logs=%q\n. %q\n' "$work" "$root/script/steps.sh"
    cat
    echo finish
  } >"$work/run"
  output=$(bash "$work/run" 2>&1) || status=$?
  if [[ $status != "$wanted_status" || ${output##*$'\n'} != "$wanted_line" ]]; then
    printf '%s: status %s, output:\n%s\n' "$name" "$status" "$output"
    failures=$((failures + 1))
  fi
}

expect "all pass" 0 "2 passed, 0 failed" <<<'
step "one" true
step "two" true'

expect "the first of two fails" 1 "1 passed, 1 failed" <<<'
step "one" false
step "two" true'

expect "a function ends at its first failure" 1 "0 passed, 1 failed" <<<'
broken() { false; true; }
step "one" broken'

expect "a failure inside a pipe" 1 "0 passed, 1 failed" <<<'
broken() { false | cat; true; }
step "one" broken'

expect "a command that does not exist" 1 "0 passed, 1 failed" <<<'
step "one" no-such-command'

expect "the counts of a step are its own" 0 "8 passed, 0 failed" <<<'
step "one" echo "7 passed, 0 failed"
step "two" true'

expect "a step that failed counts as failed whatever it prints" 1 "7 passed, 1 failed" <<<'
broken() { echo "7 passed, 0 failed"; exit 1; }
step "one" broken'

expect "a step that printed failures has failed" 1 "7 passed, 2 failed" <<<'
step "one" echo "7 passed, 2 failed"'

expect "no step at all" 1 "0 passed, 0 failed" <<<''

((failures == 0))
