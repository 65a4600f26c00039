#!/usr/bin/env bash
# Renders every environment and checks every object, with helm and kubectl (or kustomize) alone.
# `kubernetes-validate` (PyPI) or `kubeconform` checks the objects where one of them is installed,
# `check-jsonschema` (PyPI) the spec, the payload and the config.
#
#   scripts/validate.sh [-C FOLDER] [ENVIRONMENT…]
#
# FOLDER is a repository; without it, the one that this script lies in.
set -euo pipefail
repository="$(dirname "$0")/.."
if [ "${1-}" = -C ]; then
  repository="$2"
  shift 2
fi
cd "$repository"

kubernetes="${KUBERNETES_VERSION:-1.33}"
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

# Prints where a file of Argo CD leads in this repository: folders, and the value files of charts in them.
# What lies elsewhere (a chart, another repository) is left out.
leads() {
  awk -v own="$own" '
    # Maps that are deeper than this are complete.
    function over(depth, at, count, items, i) {
      for (at in path) if (at + 0 >= depth) {
        if (path[at] ~ /^\.\// || (own != "" && url[at] == own)) {
          print "folder " path[at]
          count = split(files[at], items, "\n")
          for (i = 1; i < count; i++) print "values " (chart[at] ? "" : path[at] "/") items[i]
        }
        delete path[at]; delete chart[at]
      }
      for (at in url) if (at + 0 >= depth) delete url[at]
      for (at in files) if (at + 0 >= depth) delete files[at]
    }
    function word(text) {
      sub(/^[^:]*: */, "", text); sub(/ +#.*$/, "", text); gsub(/^["\047]|["\047]$/, "", text)
      return text
    }
    /^ *(#|$)/ { next }
    /^---/ { over(0); next }
    {
      text = $0; sub(/^ */, "", text); depth = length($0) - length(text)
      if (list && text ~ /^- / && depth >= list) {
        files[source] = files[source] word(": " substr(text, 3)) "\n"
        next
      }
      list = 0
      over(text ~ /^- / ? depth : depth + 1)
      while (text ~ /^- /) { sub(/^- +/, "", text); depth = length($0) - length(text) }
      if (text ~ /^(path|chart|repoURL): /) source = depth
      if (text ~ /^(path|chart): /) path[depth] = word(text)
      if (text ~ /^chart: /) chart[depth] = 1
      if (text ~ /^repoURL: /) url[depth] = word(text)
      if (text ~ /^values?Files: *$/) list = depth
    }
    END { over(0) }' "$1"
}

# The chart with the value files that are deployed, in their order.
workloads() {
  local values=() file
  while read -r file; do values+=(--values "$file"); done < <(leads "applications/app/$1/application.yaml" | sed -n 's/^values //p')
  helm template base charts/app ${values[@]+"${values[@]}"} \
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
  fits .mainstay/schemas/deployed_apps.schema.json "deployed_apps.json"
  fits charts/app/values.schema.json config/app-config.yaml
else
  echo "note  check-jsonschema is not installed: no file was compared with its schema"
fi
if ! command -v kubernetes-validate >/dev/null && ! command -v kubeconform >/dev/null; then
  echo "note  neither kubernetes-validate nor kubeconform is installed: objects are only rendered"
fi

# Marks of a merge are wrong in every file, also behind the end of a document and in a text.
marks="$(grep -rIlE --exclude-dir=.git '^(<<<<<<<|>>>>>>>)( |$)' . || true)"
for file in $marks; do
  echo "marks of a merge: settle it, and take them out" >"$out/log"
  failed "${file#./}"
done

# What is deployed must be there.
own="$(sed -n 's/^ *repoURL: *//p' apps/root/*.yaml | head -n 1)"
while read -r file; do
  leads "$file" >"$out/leads"
  while read -r kind name; do
    case $kind in
      folder) [ -d "$name" ] || echo "its path \`$name\` is not a folder here" ;;
      values) [ -f "$name" ] || echo "its value file \`$name\` is not there" ;;
    esac
  done <"$out/leads" >"$out/log"
  case $file in
    apps/root/*) grep -q '^folder ' "$out/leads" || echo "it leads to no folder here" >>"$out/log" ;;
  esac
  if [ -s "$out/log" ]; then failed "$file"; else passed "$file"; fi
done < <(grep -rlE --include='*.yaml' '^kind: Application$' apps/root applications clusters overlays platform projects | sort -u)

while read -r file; do
  folder="$(dirname "$file")"
  if kustomization "$folder" >"$out/log" 2>&1; then passed "$folder"; else failed "$folder"; fi
done < <(find applications clusters overlays platform projects -name kustomization.yaml | sort)

if [ "$#" -eq 0 ]; then
  for folder in clusters/*/; do set -- "$@" "$(basename "$folder")"; done
fi
for environment in "$@"; do
  what="workloads of $environment"
  if workloads "$environment" >"$out/log" 2>&1; then passed "$what"; else failed "$what"; fi
done
exit "$status"
