#!/bin/sh
# Records what the real helm answers for every case: want.yaml, or want.error where the case must fail.
# Usage: HELM=/path/to/helm tests/chart-app/record.sh [case…]
set -eu

helm=${HELM:-helm}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
chart=$here/../../crates/compile/assets/chart-app

"$helm" version --short | grep -q '^v4\.3\.1' || {
    echo "record.sh: helm v4.3.1 is needed, not $("$helm" version --short)" >&2
    exit 2
}

[ $# -gt 0 ] || set -- "$here"/*/
for folder in "$@"; do
    case=$(basename "$folder")
    folder=$here/$case
    set -- template app "$chart" --namespace shop --values "$folder/values.yaml"
    # A case can have an overlay, as an environment has one.
    [ ! -f "$folder/overlay.yaml" ] || set -- "$@" --values "$folder/overlay.yaml"
    rm -f "$folder/want.yaml" "$folder/want.error"
    if ! "$helm" "$@" >"$folder/want.yaml" 2>"$folder/want.error"; then
        rm "$folder/want.yaml"
        echo "$case: fails"
    else
        rm "$folder/want.error"
        echo "$case: $(grep -c '^kind:' "$folder/want.yaml") objects"
    fi
done
