#!/usr/bin/env bash
# Runs the tests with real servers. test.sh test | bench | soak
#
# The tests find what they need by HUIYIN_TEST_POSTGRES, HUIYIN_TEST_NATS, HUIYIN_TEST_CHROMIUM, HUIYIN_TEST_AXE and
# HUIYIN_TEST_OPENAPI_LINT.
# With HUIYIN_TEST_REQUIRED=1 a missing one is a failure; without it (plain `go test ./...`) such a test is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-test}

bash .ci/install.sh "$what"
source .ci/services.sh
start_services
export HUIYIN_TEST_REQUIRED=1
export CGO_ENABLED=0
export GOFLAGS=-trimpath # as a release is built, which a test does: packages are compiled once
go build -o "$work/tally" .ci/tally.go

case "$what" in
test)
  go vet ./...
  # No cgo, as the program is built; then with the race detector where goroutines meet. The desk as a whole takes as long as
  # all the rest together: it runs beside it, and three of its tests at once, since they wait for pages and servers more than they work.
  {
    go test -json -timeout 40m -parallel 3 ./app/apptest >"$work/apptest.json" &
    # shellcheck disable=SC2046 # one argument for each package
    go test -json -p 1 -timeout 20m $(go list ./... | grep -v '/app/apptest$') || true
    CGO_ENABLED=1 go test -json -p 1 -race -timeout 20m ./chat/... ./tickets/... ./app/bus/... ./mailin/imapbox/... || true
    wait
    cat "$work/apptest.json"
  } | "$work/tally"
  ;;
bench)
  # The desk as a whole, one measurement after the other: the benchmarks named BenchmarkDesk…, each once. Those of single
  # packages are for `go test -bench`.
  go test -run '^$' -bench '^BenchmarkDesk' -benchtime 1x -count 1 -p 1 -timeout 60m ./app/... ./chat/... ./mailin
  ;;
soak)
  # The tests named TestSoak… run at full length; `make test` runs them short.
  HUIYIN_SOAK=1 go test -json -run '^TestSoak' -count 1 -p 1 -timeout 180m ./... | "$work/tally"
  CGO_ENABLED=1 go test -race -count 1 -timeout 30m ./mailin
  # What comes by mail is written by anybody: five minutes of it each.
  for target in eml:FuzzParse quote:FuzzReply safe:FuzzSafe token:FuzzToken; do
    go test -run '^$' -fuzz "^${target#*:}\$" -fuzztime "${HUIYIN_FUZZ:-5m}" -fuzzminimizetime 10s "./mailin/${target%%:*}"
  done
  ;;
*)
  echo 'usage: test.sh test|bench|soak' >&2
  exit 2
  ;;
esac
