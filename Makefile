# Go and nothing else is needed to build and try it: the default build has no C in it.
export CGO_ENABLED ?= 0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: demo test bench soak lint build release help

demo: ## a desk with a sample shop, in a folder that is removed at the end
	go run ./cmd/huiyin demo

test: ## every test, with the programs they need (installed on Debian and Ubuntu)
	bash .ci/test.sh test

bench: ## delivery times, highest rate, memory and start, measured on this machine
	bash .ci/test.sh bench

soak: ## the long tests: many kills, many shoppers, both databases
	bash .ci/test.sh soak

lint: ## gofmt, go vet, golangci-lint
	bash .ci/lint.sh

build: ## bin/huiyin
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/huiyin ./cmd/huiyin

release: ## bin/release: static programs for Linux, amd64 and arm64, with checksums and a bill of materials
	bash .ci/release.sh

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
