#!/bin/sh
# Asks the real kustomize (v5.8.1) with the real helm (4.3.1) again: `crates/compile/tests/kustomize/record.sh`.
# Writes want.yaml or want.error of every case.
set -u
cd "$(dirname "$0")" || exit 1
if command -v kustomize >/dev/null; then build='kustomize build'; else build='kubectl kustomize'; fi
for entry in */entry; do
    case=$(dirname "$entry")
    rm -f "$case/want.yaml" "$case/want.error"
    if $build --enable-helm "$case/in/$(cat "$entry")" >"$case/want.yaml" 2>"$case/want.error"; then
        rm "$case/want.error"
    else
        rm "$case/want.yaml"
        # Where the case lies means nothing.
        grep -v '^$' "$case/want.error" | tail -n 1 | sed "s|$PWD/||g" >"$case/want.error.new"
        mv "$case/want.error.new" "$case/want.error"
    fi
done
