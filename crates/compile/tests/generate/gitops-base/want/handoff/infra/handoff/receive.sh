#!/usr/bin/env bash
# Writes the dispatch of this run to $RUNNER_TEMP/dispatch.json, as it came.
#
#   DISPATCH   the dispatch, JSON
#   CUSTOMER   the customer whose turn it is: the run's concurrency group has this name
set -euo pipefail

file="$RUNNER_TEMP/dispatch.json"
printf '%s\n' "$DISPATCH" >"$file"
if ! said=$(jq --raw-output '.customer? // empty' "$file"); then
  echo "the dispatch is no JSON" >&2
  exit 1
fi
if [ "$said" != "$CUSTOMER" ]; then
  echo "the run is for customer '$CUSTOMER', and its dispatch for '$said'" >&2
  exit 1
fi
