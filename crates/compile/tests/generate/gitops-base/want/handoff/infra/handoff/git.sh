# shellcheck shell=bash
# How git logs in: with $TOKEN from the environment, which is never an argument and never in a file.
export GIT_TERMINAL_PROMPT=0
export GIT_CONFIG_COUNT=1
export GIT_CONFIG_KEY_0=credential.helper
# shellcheck disable=SC2016 # git's own shell expands it
export GIT_CONFIG_VALUE_0='!f() { test "$1" = get && printf "username=x-access-token\npassword=%s\n" "$TOKEN"; }; f'
