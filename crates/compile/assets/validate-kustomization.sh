#!/usr/bin/env bash
# Renders every overlay, and checks its objects where a checker is installed: `kubernetes-validate`
# (PyPI) or `kubeconform`.
#
#   scripts/validate.sh [ENVIRONMENT…]
set -euo pipefail
cd "$(dirname "$0")/../@folder@"

kubernetes="${KUBERNETES_VERSION:-@kubernetes@}"
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
status=0

build() {
  if command -v kustomize >/dev/null; then kustomize build "$1"; else kubectl kustomize "$1"; fi
}

objects() {
  if command -v kubernetes-validate >/dev/null; then
    kubernetes-validate --strict -k "$kubernetes" "$1"
  elif command -v kubeconform >/dev/null; then
    kubeconform -strict -kubernetes-version "$kubernetes.0" "$1"
  fi
}

command -v kustomize >/dev/null || command -v kubectl >/dev/null || {
  echo "validate: neither kustomize nor kubectl is installed" >&2
  exit 3
}
if [ $# -eq 0 ]; then
  for overlay in overlays/*/; do
    set -- "$@" "$(basename "$overlay")"
  done
fi
for environment in "$@"; do
  if build "overlays/$environment" >"$out/$environment.yaml" 2>"$out/log" &&
    objects "$out/$environment.yaml" >"$out/log" 2>&1; then
    echo "ok    $environment"
  else
    echo "FAIL  $environment"
    sed 's/^/      /' "$out/log"
    status=1
  fi
done
exit "$status"
