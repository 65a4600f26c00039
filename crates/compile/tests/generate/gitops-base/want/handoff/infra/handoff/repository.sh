#!/usr/bin/env bash
# Gets the customer's repository into $RUNNER_TEMP/repository; where it is still empty, the public base
# with a history that begins anew.
#
#   BASE, REPOSITORY, BRANCH   addresses of the base and of a customer's repository, and the branch of both
#   TOKEN                      may read and write the customers' repositories
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/git.sh"

# The dispatch was checked before: a customer's name has letters, digits and `-` only.
customer=$(jq --raw-output .customer "$RUNNER_TEMP/dispatch.json")
address=${REPOSITORY//"{customer}"/"$customer"}
work="$RUNNER_TEMP/repository"

found=0
git ls-remote --exit-code --heads "$address" "refs/heads/$BRANCH" >/dev/null || found=$?
case $found in
  0) git clone --quiet --depth 1 --branch "$BRANCH" "$address" "$work" ;;
  2)
    git clone --quiet --depth 1 --branch "$BRANCH" "$BASE" "$work"
    rm -rf "$work/.git"
    git init --quiet --initial-branch "$BRANCH" "$work"
    git -C "$work" remote add origin "$address"
    ;;
  *)
    echo "$address cannot be reached: does it exist, and may GITOPS_TOKEN read and write it?" >&2
    exit 1
    ;;
esac
