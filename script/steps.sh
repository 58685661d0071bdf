# SPDX-License-Identifier: MIT
# Sourced by script/check and .ci/run: runs named steps, each to its end whatever the others do.
#
#     step "what it checks" command argument...
#     finish                                      exits 1 when any failed
#
# A step's output goes to a file and is shown when it fails. A step that ends with a line
# "N passed, N failed" counts as so many; any other counts as one.

steps_passed=0
steps_failed=0
failed_steps=()
steps_logs=${steps_logs:-build/steps}

step() {
  local name=$1
  shift
  local log="$steps_logs/${name//[^A-Za-z0-9]/-}.log"
  local started=$SECONDS status=0 passed failed
  mkdir -p "$steps_logs"
  # A process of its own, in which the first failure is the end; `set -e` would not reach into a
  # function that is called in a condition.
  set +e
  (set -euo pipefail; "$@") >"$log" 2>&1
  status=$?
  set -e

  if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]}
    # Its exit status has the last word.
    ((status == 0 || failed > 0)) || failed=1
    ((status != 0 || failed == 0)) || status=1
  else
    passed=$((status == 0)) failed=$((status != 0))
  fi
  steps_passed=$((steps_passed + passed))
  steps_failed=$((steps_failed + failed))

  if ((status == 0)); then
    printf 'pass  %s (%d s)\n' "$name" $((SECONDS - started))
  else
    failed_steps+=("$name")
    printf 'FAIL  %s (%d s): the end of %s\n' "$name" $((SECONDS - started)) "$log"
    tail -n "${STEPS_LOG_LINES:-60}" "$log" | sed 's/^/      /'
  fi
}

finish() {
  local name
  for name in "${failed_steps[@]}"; do
    printf 'failed: %s\n' "$name"
  done
  printf '%d passed, %d failed\n' "$steps_passed" "$steps_failed"
  ((${#failed_steps[@]} == 0 && steps_failed == 0 && steps_passed > 0)) || exit 1
  exit 0
}
