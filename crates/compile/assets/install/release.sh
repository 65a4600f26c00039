#!/usr/bin/env bash
# Brings mainstay to a runner: the archive that `tooling.release` in mainstay.yaml names, and no other.
# The program is on the path of the steps that follow.
set -euo pipefail

url='@url@'
sha256='@sha256@'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
curl --fail --silent --show-error --location --proto '=https' --retry 3 --output "$work/mainstay.tar.gz" "$url"
if ! echo "$sha256  $work/mainstay.tar.gz" | sha256sum --check --status --strict; then
  echo "$url is not the archive that mainstay.yaml names: its SHA-256 is" >&2
  echo "$(sha256sum <"$work/mainstay.tar.gz" | cut -d ' ' -f 1), and it should be $sha256" >&2
  exit 1
fi
bin=${RUNNER_TEMP:-$HOME/.local}/mainstay/bin
mkdir -p "$bin"
tar --extract --gzip --file "$work/mainstay.tar.gz" --directory "$bin" --no-same-owner mainstay
"$bin/mainstay" --version
echo "$bin" >>"${GITHUB_PATH:-/dev/null}"
