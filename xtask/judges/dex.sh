#!/usr/bin/env bash
# The dex example's pipeline as it runs: its generated workflows by `act`, from a push to what Argo CD would
# read, with stand-ins for `actions/checkout`, Python's tools and docker.
#
#   xtask/judges/dex.sh MAINSTAY
#   (act, git, yq, kubectl on the path)
# shellcheck disable=SC2015,SC2016 # `a && b || fail` is meant; backticks are words
set -euo pipefail
mainstay=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# What the workflows may see: no settings of whoever runs this.
export HOME="$work/home" GIT_CONFIG_NOSYSTEM=1 ACT_DISABLE_VERSION_CHECK=1
mkdir -p home bin git checkout
export PATH="$work/bin:$PATH"
git config --global user.name judge
git config --global user.email judge@example.com
git config --global init.defaultBranch main
git config --global advice.detachedHead false

fail() { echo "dex: $*" >&2; exit 1; }

# Stand-ins: each writes down how it was called; docker keeps what was read as a password apart.
for program in pip ruff black mypy pytest docker; do
  cat >"bin/$program" <<SH
#!/bin/sh
echo "$program \$*" >>"$work/calls"
[ "\$1" != login ] || cat >"$work/password"
[ ! -e "$work/broken-$program" ]
SH
  chmod +x "bin/$program"
done

# The repository beside an application's source, and where it is pushed to.
"$mainstay" new dex --example dex --no-commit --quiet
git -C dex init --quiet && git -C dex add --all && git -C dex commit --quiet --message dex
git clone --quiet --bare dex git/dex && git -C git/dex branch dev main
git -C dex remote add origin "$work/git/dex" && git -C dex fetch --quiet

# What `actions/checkout` leaves: the branch of the event, as it is in the repository that is pushed to.
cat >checkout/action.yml <<END2
name: checkout
description: A stand-in.
inputs:
  ref: {description: as in the original, default: ""}
  persist-credentials: {description: as in the original, default: "true"}
runs:
  using: composite
  steps:
    - shell: bash
      env: {REF: "\${{ inputs.ref || github.sha }}"}
      run: |
        find . -mindepth 1 -delete
        git clone --quiet "$work/git/dex" .
        git checkout --quiet "\$REF"
END2

run() { # EVENT-NAME EVENT LOG WORKFLOW [ARGUMENT...]
  local name=$1 event=$2 log=$3 workflow=$4
  shift 4
  (cd dex && act "$name" --eventpath "$event" --workflows ".github/workflows/$workflow.yml" \
    --platform ubuntu-24.04=-self-hosted --local-repository "actions/checkout@v6=$work/checkout" \
    --secret GITHUB_TOKEN=never-shown --actor somebody "$@") >"$log" 2>&1
}
push() { # BRANCH: a commit of an application on it
  git -C dex fetch --quiet && git -C dex checkout --quiet -B "$1" "origin/$1"
  date +%s%N >dex/source.txt
  git -C dex add --all && git -C dex commit --quiet --message "work on $1" && git -C dex push --quiet origin "$1"
  sha=$(git -C dex rev-parse HEAD)
}
pushed_event() { # BRANCH
  printf '{"ref": "refs/heads/%s", "after": "%s"}' "$1" "$sha" >push.json
}
done_event() { # BRANCH CONCLUSION [EVENT]
  printf '{"action": "completed", "workflow_run": {"conclusion": "%s", "event": "%s", "head_branch": "%s", "head_sha": "%s"}}' \
    "$2" "${3:-push}" "$1" "$sha" >done.json
}
tag_of() { # BRANCH ENVIRONMENT
  git -C git/dex show "$1:infra/argocd/overlays/$2/kustomization.yaml" |
    yq '.images[] | select(.name == "dex") | .newTag'
}

# A push: tests, then the image under the commit's name, with the password on standard input.
for branch in dev main; do
  push "$branch" && pushed_event "$branch"
  : >calls
  run push "$work/push.json" "ci-$branch.log" ci || { cat "ci-$branch.log"; fail "ci failed for $branch"; }
  tag="sha-${sha:0:8}"
  for call in 'ruff check' 'black --check .' 'mypy src/' 'pytest -v' \
    'docker login ghcr.io --username somebody --password-stdin' \
    "docker build --tag ghcr.io/data-literate/dex:$tag ." "docker push ghcr.io/data-literate/dex:$tag"; do
    grep --quiet --line-regexp --fixed-strings "$call" calls || { cat "ci-$branch.log"; fail "ci never ran: $call"; }
  done
  [ "$(cat password)" = never-shown ] || fail "docker was not given the token"
  ! grep --quiet never-shown "ci-$branch.log" calls || fail "the token is shown"

  # It succeeded: the tag is in the overlays of this branch, and in no other.
  done_event "$branch" success
  run workflow_run "$work/done.json" "cd-$branch.log" cd || { cat "cd-$branch.log"; fail "cd failed for $branch"; }
  case $branch in dev) mine="dev"; others="stage prod" ;; main) mine="stage prod"; others="dev" ;; esac
  for environment in $mine; do
    [ "$(tag_of "$branch" "$environment")" = "$tag" ] || { cat "cd-$branch.log"; fail "$environment does not run $tag"; }
  done
  for environment in $others; do
    [ "$(tag_of "$branch" "$environment")" = sha-00000000 ] || fail "$environment was changed by $branch"
  done
  git -C git/dex log -1 --format=%s "$branch" | grep --quiet "$(echo "$mine" | tr ' ' /) image to $tag \[skip ci\]" ||
    fail "the commit on $branch does not say what it does"
  [ "$(git -C git/dex diff --name-only "$sha" "$branch" | wc -l)" = "$(echo "$mine" | wc -w)" ] ||
    fail "other files were changed on $branch"
  # What Argo CD would make of it, by the real kustomize.
  rm -rf seen && git clone --quiet --branch "$branch" git/dex seen
  for environment in $mine; do
    kubectl kustomize "seen/infra/argocd/overlays/$environment" |
      grep --quiet "image: ghcr.io/data-literate/dex:$tag" || fail "$environment renders another image"
  done

  # The same again changes nothing.
  before=$(git -C git/dex rev-parse "$branch")
  run workflow_run "$work/done.json" again.log cd || { cat again.log; fail "the same run again failed"; }
  [ "$(git -C git/dex rev-parse "$branch")" = "$before" ] || fail "the same run again made a commit"
done

# A run that failed, or that a pull request started, promotes nothing.
push dev
before=$(git -C git/dex rev-parse dev)
for event in 'failure push' 'success pull_request'; do
  # shellcheck disable=SC2086 # two words
  done_event dev $event
  run workflow_run "$work/done.json" refused.log cd || true
  [ "$(git -C git/dex rev-parse dev)" = "$before" ] || fail "$event was promoted"
done

# Tests that fail: no image.
: >calls && touch broken-pytest && pushed_event dev
! run push "$work/push.json" broken.log ci || fail "ci succeeded though the tests failed"
! grep --quiet docker calls || fail "an image was built though the tests failed"
rm broken-pytest

# A pull request: tests alone, until the label asks for a preview; its image is named for its head.
pull_request() { # LABELS HEAD-REPOSITORY
  printf '{"pull_request": {"labels": [%s], "head": {"sha": "%s", "ref": "work", "repo": {"full_name": "%s"}}, "base": {"ref": "dev"}}, "repository": {"full_name": "data-literate/DEX"}}' \
    "$1" "$sha" "$2" >pull.json
  : >calls
  GITHUB_REPOSITORY=data-literate/DEX run pull_request "$work/pull.json" pull.log ci \
    --env GITHUB_REPOSITORY=data-literate/DEX || { cat pull.log; fail "ci failed for a pull request"; }
}
pull_request '' data-literate/DEX
! grep --quiet docker calls || fail "a pull request without the label got an image"
pull_request '{"name": "preview"}' data-literate/DEX
grep --quiet --line-regexp "docker push ghcr.io/data-literate/dex:sha-${sha:0:8}" calls ||
  { cat pull.log; fail "a pull request with the label got no image of its head"; }
pull_request '{"name": "preview"}' somebody/DEX
! grep --quiet docker calls || fail "a fork got an image"
echo "examples/dex: ci and cd by act: a push becomes an image, a tag in Git and what kustomize renders"
