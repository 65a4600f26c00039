#!/usr/bin/env bash
# Commits what was generated, and pushes it to the customer's repository.
#
#   BRANCH   the branch
#   TOKEN    may write the customers' repositories
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/git.sh"

dispatch="$RUNNER_TEMP/dispatch.json"
request=$(jq --raw-output '.request // "by hand"' "$dispatch")
apps=$(jq --raw-output '.deployed_apps | if type == "array" then . else .apps end | length' "$dispatch")

cd "$RUNNER_TEMP/repository"
git add --all
if git rev-parse --quiet --verify HEAD >/dev/null && git diff --cached --quiet; then
  echo "nothing to change"
else
  git -c user.name='github-actions[bot]' \
    -c user.email='41898282+github-actions[bot]@users.noreply.github.com' \
    commit --quiet --message "apps: $apps, dispatch $request"
  if ! git push --quiet origin "HEAD:refs/heads/$BRANCH"; then
    echo "the repository changed while this dispatch was worked in; nothing was written: send it again" >&2
    exit 1
  fi
fi
git rev-parse HEAD >"$RUNNER_TEMP/commit.txt"
