#!/bin/sh
# Asks the real kustomize (v5.8.1, or `kubectl kustomize` 1.37.1) again: `crates/kustomize/tests/record.sh`.
# Writes want.yaml or want.error of every case below traps/ and cases/.
set -u
cd "$(dirname "$0")" || exit 1
if command -v kustomize >/dev/null; then build='kustomize build'; else build='kubectl kustomize'; fi
for entry in traps/*/entry cases/*/entry; do
    case=$(dirname "$entry")
    rm -f "$case/want.yaml" "$case/want.error"
    if ! $build "$case/in/$(cat "$entry")" >"$case/want.yaml" 2>"$case/want.error"; then
        rm "$case/want.yaml"
        # Where the case lies means nothing.
        grep -v '^$' "$case/want.error" | tail -n 1 |
            sed "s|$PWD/||g; s|'[^']*/in/|'|g; s|0x[0-9a-f]*|0x|g" >"$case/want.error.new"
        mv "$case/want.error.new" "$case/want.error"
    else
        rm "$case/want.error"
    fi
done
