#!/usr/bin/env bash
# Runs a command. What it says is shown, and where it fails it is also kept for the summary of the run and
# for the answer to the caller.
#
#   handoff/step.sh "what is done" COMMAND [ARGUMENT…]
set -uo pipefail

what=$1
shift
words="$RUNNER_TEMP/words.txt"
"$@" 2>&1 | tee "$words"
status=${PIPESTATUS[0]}
if [ "$status" != 0 ]; then
  {
    echo "$what failed with $status:"
    cat "$words"
  } >"$RUNNER_TEMP/failure.txt"
  {
    echo "### $what failed"
    echo '~~~text'
    cat "$words"
    echo '~~~'
    echo 'The dispatch, to settle it by hand (handoff/README.md of the base):'
    echo '~~~json'
    cat "$RUNNER_TEMP/dispatch.json" || true
    echo '~~~'
  } >>"${GITHUB_STEP_SUMMARY:-/dev/null}" 2>/dev/null
  echo "::error::$what failed: the log and the summary of the run say why"
fi
exit "$status"
