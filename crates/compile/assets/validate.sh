#!/usr/bin/env bash
# Renders every environment and checks every object, with helm and kubectl (or kustomize) alone.
# `kubernetes-validate` (PyPI) or `kubeconform` checks the objects where one of them is installed,
# `check-jsonschema` (PyPI) the spec, the payload and the config.
#
#   scripts/validate.sh [ENVIRONMENT…]
set -euo pipefail
cd "$(dirname "$0")/.."

kubernetes="${KUBERNETES_VERSION:-@kubernetes@}"
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
status=0

need() {
  command -v "$1" >/dev/null || { echo "validate: $1 is not installed" >&2; exit 3; }
}

build() {
  if command -v kustomize >/dev/null; then kustomize build "$1"; else kubectl kustomize "$1"; fi
}

# After a failure the others go on, so that all of them are seen at once.
passed() {
  echo "ok    $1"
}

failed() {
  echo "FAIL  $1"
  sed 's/^/      /' "$out/log"
  status=1
}

objects() {
  if command -v kubernetes-validate >/dev/null; then
    kubernetes-validate --strict -k "$kubernetes" "$1"
  elif command -v kubeconform >/dev/null; then
    kubeconform -strict -ignore-missing-schemas -kubernetes-version "$kubernetes.0" "$1"
  fi
}

kustomization() {
  build "$1" >"$out/objects.yaml" && objects "$out/objects.yaml"
}

workloads() {
  helm template @release@ @chart@ \
    --values @config@ \
    --values "overlays/$1/values.yaml" \
    --values "overlays/$1/custom/values.yaml" \
    --kube-version "$kubernetes" >"$out/objects.yaml" && objects "$out/objects.yaml"
}

need helm
command -v kustomize >/dev/null || need kubectl

fits() {
  if check-jsonschema --schemafile "$1" "$2" >"$out/log" 2>&1; then passed "$2"; else failed "$2"; fi
}

# What is not looked at is said: silence would look like a yes.
if command -v check-jsonschema >/dev/null; then
  fits .mainstay/schemas/mainstay.schema.json mainstay.yaml
  fits .mainstay/schemas/deployed_apps.schema.json "@payload@"
  fits @chart@/values.schema.json @config@
else
  echo "note  check-jsonschema is not installed: no file was compared with its schema"
fi
if ! command -v kubernetes-validate >/dev/null && ! command -v kubeconform >/dev/null; then
  echo "note  neither kubernetes-validate nor kubeconform is installed: objects are only rendered"
fi

# What is applied by hand must lead somewhere.
for file in @roots@/*.yaml; do
  folder="$(sed -n 's/^ *path: *//p' "$file" | head -n 1)"
  if [ -n "$folder" ] && [ -d "$folder" ]; then passed "$file"; else
    echo "its path \`$folder\` is not a folder here" >"$out/log"
    failed "$file"
  fi
done

while read -r file; do
  folder="$(dirname "$file")"
  if kustomization "$folder" >"$out/log" 2>&1; then passed "$folder"; else failed "$folder"; fi
done < <(find @folders@ -name kustomization.yaml | sort)

if [ "$#" -eq 0 ]; then
  for folder in clusters/*/; do set -- "$@" "$(basename "$folder")"; done
fi
for environment in "$@"; do
  what="workloads of $environment"
  if workloads "$environment" >"$out/log" 2>&1; then passed "$what"; else failed "$what"; fi
done
exit "$status"
