#!/usr/bin/env bash
# Asks another YAML parser (yq 4, go-yaml; `.ci/judges` installs it) what the text before and the one after say, a JSON
# document a line; after that the test compares both: nothing but the one value may differ.
# usage: crates/seal/tests/places/record.sh        (yq must be on the path)
set -euo pipefail
cd "$(dirname "$0")"
part() { sed -n "/^=== $2\$/,/^=== $3\$/{/^=== /d;p}" "$1" | head -c -1; }
for case in *.txt; do
  before=$(part "$case" before after | yq -o json -I 0 'explode(.)' -)
  after=$(part "$case" after answer)
  sed -i '/^=== answer$/,$d' "$case"
  {
    echo "=== answer"
    printf '%s\n' "$before"
    case $after in
      "refused: "*) ;;
      *) part "$case" after answer | yq -o json -I 0 'explode(.)' - ;;
    esac
  } >>"$case"
done
