#!/usr/bin/env bash
# Asks the real kubeseal (0.36.6, `.ci/judges` installs it) again: the answer of every case, written after its input.
# usage: crates/seal/tests/kubeseal/record.sh        (kubeseal must be on the path)
set -euo pipefail
cd "$(dirname "$0")"
export KUBECONFIG=/dev/null
for case in cases/*.txt; do
  input=$(mktemp)
  sed -n '/^=== input$/,/^=== answer$/{/^=== /d;p}' "$case" >"$input"
  read -r -a arguments < <(sed -n '2p' "$case") || true
  sed -i '/^=== answer$/,$d' "$case"
  {
    echo "=== answer"
    kubeseal --cert test-certificate.crt "${arguments[@]}" <"$input" 2>&1 || echo "=== failed"
  } >>"$case"
  rm "$input"
done
