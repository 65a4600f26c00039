#!/bin/sh
# Writes src/facts/{schema,fields}.rs from the Go modules that kustomize v5.8.1 is built of:
# `crates/kustomize/tools/tables.sh`, then `cargo fmt -p kustomize`. Needs go and the module proxy.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
go mod init tables >/dev/null 2>&1
go get sigs.k8s.io/kustomize/kyaml@v0.21.1 sigs.k8s.io/kustomize/api@v0.21.1 >/dev/null 2>&1
modules=$(go env GOMODCACHE)/sigs.k8s.io/kustomize
mkdir consts
cp "$modules"/api@v0.21.1/internal/konfig/builtinpluginconsts/*.go consts/
chmod -R u+w consts
cp "$here/tables.go.txt" main.go
go mod tidy >/dev/null 2>&1
go run . "$modules/kyaml@v0.21.1/openapi" "$here/../src/facts" "$here/../../manifest/src/schema_table.rs"
