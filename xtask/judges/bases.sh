#!/usr/bin/env bash
# What kustomizations name elsewhere, before the real kustomize: repositories on this disk, by `file://`, and by
# `ssh` with a stand-in for the way there. Each case is built by kustomize, which clones, and by mainstay, which
# fetches once and then builds from the lock and the cache alone.
#
#   xtask/judges/bases.sh MAINSTAY
#   (git, kustomize on the path)
set -euo pipefail
mainstay=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work/home" XDG_CACHE_HOME="$work/cache" GIT_CONFIG_NOSYSTEM=1
mkdir -p home bin
git config --global user.name judge
git config --global user.email judge@example.com
git config --global init.defaultBranch main
git config --global advice.detachedHead false
# Submodules of repositories on the disk, for both programs.
git config --global protocol.file.allow always
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=protocol.file.allow GIT_CONFIG_VALUE_0=always

fail() { echo "bases: $*" >&2; exit 1; }

# ssh, without the way: the last argument is what the other side runs.
cat >bin/ssh <<'SH'
#!/bin/sh
for last; do :; done
eval "exec $last"
SH
chmod +x bin/ssh
export GIT_SSH_COMMAND="$work/bin/ssh" GIT_SSH_VARIANT=simple

object() { printf 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: %s}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: main, image: nginx}\n' "$1"; }
put() { mkdir -p "$(dirname "$1")"; cat >"$1"; }
commit() { git -C "$1" add --all && git -C "$1" commit --quiet --message "$2"; }

# A repository: a base, an overlay of it, a component, a chart of files for a generator, links, a neighbour.
git init --quiet part && object part | put part/part.yaml
put part/kustomization.yaml <<<'resources: [part.yaml]'
commit part one
git init --quiet team/repo 2>/dev/null || { mkdir -p team && git init --quiet team/repo; }
repo=team/repo
object web | put $repo/base/web.yaml
put $repo/base/kustomization.yaml <<<'resources: [web.yaml]'
put $repo/overlays/prod/kustomization.yaml <<'Y'
resources: [../../base]
namePrefix: prod-
configMapGenerator: [{name: settings, files: [a.txt]}]
Y
put $repo/overlays/prod/a.txt <<<'text'
put $repo/component/kustomization.yaml <<'Y'
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
commonLabels: {from: component}
Y
put $repo/kustomization.yaml <<<'resources: [base]'
put $repo/outside/kustomization.yaml <<<'resources: [../../../elsewhere]'
put $repo/loose/kustomization.yaml <<'Y'
resources: [../base/web.yaml]
Y
put $repo/again/kustomization.yaml <<Y
resources: ["file://$work/team/repo//again"]
Y
put $repo/nested/kustomization.yaml <<Y
resources: ["file://$work/part", ../base]
Y
ln -s base $repo/link
ln -s ../../.. $repo/overlays/out
ln -s ../base/web.yaml $repo/component/web.yaml
put $repo/linked/kustomization.yaml <<<'resources: [inner.yaml]'
ln -s ../base/web.yaml $repo/linked/inner.yaml
git -C $repo submodule --quiet add "$work/part" inner
put $repo/with-inner/kustomization.yaml <<<'resources: [../inner]'
commit $repo one
git -C $repo tag v1.0
git -C $repo branch feature/x
object newer | put $repo/base/web.yaml
commit $repo two
sha=$(git -C $repo rev-parse HEAD)
mkdir -p elsewhere && object elsewhere >elsewhere/e.yaml && echo 'resources: [e.yaml]' >elsewhere/kustomization.yaml

url="file://$work/team/repo"
count=0
# A case: what stands in kustomization.yaml; both build the same bytes, or both refuse.
case_of() {
  count=$((count + 1))
  local dir="case-$count" theirs=0 ours=0
  mkdir "$dir" && cat >"$dir/kustomization.yaml"
  object own >"$dir/own.yaml"
  (cd "$dir" && timeout 60 kustomize build . >../theirs 2>../theirs.err) || theirs=$?
  # kustomize hands a reference to git as it stands; what that runs is not asked here.
  rm -f touched
  "$mainstay" fetch "$dir" >fetched 2>&1 || true
  "$mainstay" kustomize build --offline "$dir" >ours 2>ours.err || ours=$?
  if [ $theirs = 0 ] && [ $ours = 0 ]; then
    diff theirs ours >difference || { cat "$dir/kustomization.yaml" difference; fail "case $count differs"; }
  elif [ $theirs = 0 ] || [ $ours = 0 ]; then
    cat "$dir/kustomization.yaml" theirs.err fetched ours.err
    fail "case $count: kustomize says $theirs, mainstay $ours"
  fi
  if [ "${1-}" = refused ]; then
    [ $theirs != 0 ] || fail "case $count is built"
    grep -q '^error\[R0' ours.err || { cat ours.err; fail "case $count has no finding"; }
  else
    [ $theirs = 0 ] || { cat "$dir/kustomization.yaml" theirs.err; fail "case $count is refused by both"; }
  fi
}

for address in "$url//base" "$url//base?ref=v1.0" "$url//overlays/prod?version=v1.0" "$url" "$url?ref=feature/x" \
  "$url//base?ref=$sha" "$url//overlays/../base?ref=main" "$url//link?ref=main" "$url//nested" \
  "$url//with-inner" "$url//base?ref=v1.0&timeout=30s&submodules=false" "git::$url//base" \
  "ssh://git@127.0.0.1$work/team/repo//base?ref=v1.0" "git@127.0.0.1:$work/team/repo//overlays/prod" \
  "git@127.0.0.1:$work/team/repo/.git/overlays/prod?ref=v1.0"; do
  case_of <<Y
resources:
- "$address"
- own.yaml
namespace: here
Y
done
case_of <<Y
resources: [own.yaml]
components: ["$url//component?ref=v1.0"]
Y
case_of <<Y
buildMetadata: [originAnnotations, transformerAnnotations]
resources: ["$url//overlays/prod?ref=v1.0", own.yaml]
Y
case_of <<Y
buildMetadata: [originAnnotations]
resources: ["$url?ref=v1.0", own.yaml]
namePrefix: a-
Y
case_of <<Y
resources: ["$url//base?ref=v1.0", "$url//base?ref=main"]
Y
for address in "$url//with-inner?submodules=false" "$url//linked" "$url//outside" "$url//loose" "$url//again" "$url//overlays/out" \
  "$url//nowhere" "$url//base/web.yaml" "$url//base?ref=no-such" "file://$work/none" "$url//../x" "$url//component" \
  "$url//base?ref=--upload-pack=touch%20$work/touched"; do
  case_of refused <<Y
resources: ["$address", own.yaml]
Y
done
case_of refused <<Y
resources: [own.yaml]
components: ["$url//base"]
Y
[ ! -e touched ] || fail "a reference ran a program"
# An address may be built itself.
kustomize build "$url//overlays/prod?ref=v1.0" >theirs
"$mainstay" fetch "$url//overlays/prod?ref=v1.0" >fetched 2>&1 || { cat fetched; fail "an address is not fetched"; }
"$mainstay" kustomize build "$url//overlays/prod?ref=v1.0" >ours
diff theirs ours || fail "an address differs"
echo "bases elsewhere: $count kustomizations are built as kustomize builds them, or refused as it refuses them"
