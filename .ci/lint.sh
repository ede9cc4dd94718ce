#!/usr/bin/env bash
# gofmt, go vet and golangci-lint (built once into a cache folder at the version below).
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0

golangci=v2.15.0
tools=${HUIYIN_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/huiyin-tools}
linter=$tools/golangci-lint-$golangci

unformatted=$(find . -name '*.go' -not -path './.git/*' -not -path './node_modules/*' -print0 | xargs -0 gofmt -l)
if [ -n "$unformatted" ]; then
  printf 'gofmt would change these files (gofmt -w FILE):\n%s\n' "$unformatted" >&2
  exit 1
fi

go vet ./...

if [ ! -x "$linter" ]; then
  echo "building golangci-lint $golangci (about a minute, once)"
  mkdir -p "$tools"
  GOBIN="$tools/new" go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$golangci"
  mv "$tools/new/golangci-lint" "$linter"
fi
"$linter" run ./...
echo "lint: clean"
