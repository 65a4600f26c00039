#!/usr/bin/env bash
# The hand-off as it runs: the infra repository's generated workflow by `act`, with a stand-in for
# `actions/checkout`, from a bare base to bare repositories of customers.
#
#   xtask/judges/handoff.sh MAINSTAY mainstay|standard
#   (act, git, jq, curl, python3, and the standard form's checkers on the path)
# shellcheck disable=SC2015,SC2016 # `a && b || fail` is meant; backticks are words
set -euo pipefail
mainstay=$(realpath "$1")
form=$2
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

# What the workflow may see: no settings of whoever runs this.
export HOME="$work/home" GIT_CONFIG_NOSYSTEM=1 ACT_DISABLE_VERSION_CHECK=1
mkdir -p home bin git
ln -s "$mainstay" bin/mainstay
# What the workflows would install is on the path already.
printf '#!/bin/sh\nexit 0\n' >bin/pipx && chmod +x bin/pipx
export PATH="$work/bin:$PATH"
git config --global user.name judge
git config --global user.email judge@example.com
git config --global init.defaultBranch main

fail() { echo "handoff: $*" >&2; exit 1; }

# The base, published; its workflows find mainstay on the runner.
"$mainstay" new first --example gitops-base --no-commit --quiet
sed -e "s|use: mainstay, install: cargo|use: $form, install: none|" -e "s|https://github.com/example/|file://$work/git/|" \
  first/mainstay.yaml >base.yaml
"$mainstay" new base --spec base.yaml --from first/deployed_apps.json --no-commit --quiet
git -C base init --quiet && git -C base add --all && git -C base commit --quiet --message base
git clone --quiet --bare base git/gitops-base
for customer in acme other; do git init --quiet --bare "git/$customer-gitops"; done

# The infra repository, as handoff/README.md says.
mkdir infra
cp -R base/handoff/infra/. infra/
git -C infra init --quiet && git -C infra add --all && git -C infra commit --quiet --message infra

# The stand-in: act has copied the repository into its folder already.
mkdir checkout
cat >checkout/action.yml <<'END'
name: checkout
description: A stand-in; the files are there.
inputs:
  persist-credentials: {description: as in the original, default: "true"}
runs:
  using: composite
  steps:
    - {shell: bash, run: 'test -f handoff/dispatch.json || test -f mainstay.yaml'}
END

# Whoever asked: keeps the answers that it is sent.
cat >caller.py <<'END'
import http.server, sys
class Caller(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open("answers", "ab") as out:
            out.write(body.strip() + b"\n")
        ok = self.headers["Authorization"] == "Bearer caller-token"
        self.send_response(200 if ok else 403)
        self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Caller)
with open("port", "w") as out:
    out.write(str(server.server_port))
server.serve_forever()
END
python3 caller.py &
server=$!
while [ ! -s port ]; do sleep 0.1; done

run() { # DISPATCH LOG: the workflow, as a `repository_dispatch` starts it
  jq '{event_type: "customer", action: "customer", client_payload: .}' "$1" >"$2.event"
  (cd infra && act repository_dispatch --eventpath "$work/$2.event" --defaultbranch main \
    --workflows .github/workflows/customer.yml --platform ubuntu-24.04=-self-hosted \
    --local-repository "actions/checkout@v6=$work/checkout" \
    --secret GITOPS_TOKEN=never-shown --secret HANDOFF_ANSWER_TOKEN=caller-token \
    --var "HANDOFF_ANSWER_URL=http://127.0.0.1:$(cat "$work/port")/") >"$2" 2>&1
}
answer() { jq --slurp --raw-output ".[-1].$1" <(jq --compact-output . answers); }

example=infra/handoff/example.json
run "$example" first.log || { cat first.log; fail "the first dispatch failed"; }
[ "$(answer result)" = success ] || fail "the caller was not told of the success: $(cat answers)"
git clone --quiet "git/acme-gitops" acme
[ "$(git -C acme rev-parse HEAD)" = "$(answer commit)" ] || fail "another commit than the answer says"
# act's `toJSON` sorts what it writes.
jq --sort-keys . "$example" >sorted.json
"$mainstay" new at-once --dispatch sorted.json --spec base.yaml --no-commit --quiet
diff -r --exclude .git acme at-once || fail "another tree than mainstay new writes"
! grep -rq never-shown first.log acme || fail "the token is shown"

run "$example" again.log || fail "the same dispatch again failed"
grep -q 'nothing to change' again.log || fail "the same dispatch again changed something"

# A pipeline's edit between two dispatches stays.
sed -i 's/tag: "1.4.2"/tag: "1.4.3"/' acme/config/app-config.yaml
git -C acme commit --quiet --all --message 'web 1.4.3' && git -C acme push --quiet
jq '.deployed_apps.apps[0].replicas = 3' "$example" >later.json
run later.json later.log || { cat later.log; fail "a later dispatch failed"; }
git -C acme pull --quiet
grep -q 'tag: "1.4.3"' acme/config/app-config.yaml && grep -q 'replicas: 3' acme/config/app-config.yaml ||
  fail "an edit was lost"

# Whoever may push to one customer's repository gets nothing of the others: no program of it runs here.
printf '#!/bin/sh\necho "$PWD ${TOKEN:-} ${GITOPS_TOKEN:-}" >>"%s"\n' "$work/ran" >acme/scripts/validate.sh
mkdir -p acme/.githooks && cp acme/scripts/validate.sh acme/.githooks/pre-commit
git -C acme add --all && git -C acme commit --quiet --message 'a script of their own' && git -C acme push --quiet
jq '.deployed_apps.apps[0].replicas = 4' "$example" >script.json
run script.json script.log || { cat script.log; fail "a dispatch after an edited script failed"; }
[ ! -e ran ] || fail "a program of the customer's repository was run: $(cat ran)"
git -C acme pull --quiet

# What is refused: the run fails, the caller reads why with the place, nothing is pushed.
head=$(git -C acme rev-parse HEAD)
refused() { # NAME JQ-CHANGE WORDS
  jq "$2" "$example" >"$1.json"
  ! run "$1.json" "$1.log" || fail "$1 was taken"
  [ "$(answer result)" = failure ] || fail "$1: the caller was not told"
  answer words | grep -q -- "$3" || fail "$1: the answer does not say '$3': $(answer words)"
  git -C acme fetch --quiet
  [ "$(git -C acme rev-parse origin/main)" = "$head" ] || fail "$1: something was pushed"
}
if [ "$form" = mainstay ]; then
  refused extra '.token = "x"' 'dispatch.json:[0-9]*:[0-9]*'
  refused slash '.customer = "../other"' 'dispatch.json:[0-9]*:[0-9]*'
  refused field '.deployed_apps.apps[0].prot = 1' 'did you mean `port`'
  refused script '.customer = "$(touch /tmp/x)`id`"' 'must be lower-case'
else
  refused extra '.token = "x"' "'token' was unexpected"
  refused slash '.customer = "../other"' '\$.customer'
  refused field '.deployed_apps.apps[0].prot = 1' '\$.deployed_apps'
  refused script '.customer = "$(touch /tmp/x)`id`"' '\$.customer'
fi
# What a person and the dispatch both changed of mainstay.yaml: neither wins silently.
sed -i 's/email: .*/email: me@acme.example.com/' acme/mainstay.yaml
git -C acme commit --quiet --all --message 'another address' && git -C acme push --quiet
head=$(git -C acme rev-parse HEAD)
refused address '.email = "team@acme.example.com"' 'G142'
refused sense '.deployed_apps.apps[0].resources.requests = {"cpu": "2"}' 'dispatch.json\|deployed_apps.json'

# Two at once for one customer: one is worked in, the other is told to come again.
jq '.customer = "other" | .request = "one"' "$example" >one.json
jq '.customer = "other" | .request = "two" | .deployed_apps.apps[0].replicas = 4' "$example" >two.json
run one.json one.log & first=$!
run two.json two.log & second=$!
failed=0
wait $first || failed=$((failed + 1))
wait $second || failed=$((failed + 1))
# Where one was done before the other began there is nothing to refuse.
[ "$failed" -lt 2 ] || { cat one.log two.log; fail "both of two dispatches failed"; }
[ "$failed" = 0 ] || jq --slurp --raw-output '.[].words' answers | grep -q 'send it again' ||
  fail "the second of two dispatches was not told to come again"
git clone --quiet git/other-gitops other && "$mainstay" check --file other --quiet 2>/dev/null ||
  fail "two dispatches left a repository that does not check"

# The private repository's own workflow, as a pull request starts it.
cp at-once/scripts/validate.sh acme/scripts/validate.sh
(cd acme && act pull_request --workflows .github/workflows/validate.yml \
  --platform ubuntu-24.04=-self-hosted --local-repository "actions/checkout@v6=$work/checkout") \
  >validate.log 2>&1 || { tail -40 validate.log; fail "validate failed"; }
echo "handoff, $form: $(jq --slurp length answers) dispatches by act; taken, refused and told as the contract says"
