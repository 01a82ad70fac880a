# masker: every target is one line in `make help`.
GO      ?= go
FUZZTIME ?= 10s
TESTFLAGS ?= -timeout 20m
SCALE   ?= 1000000
OUT     ?= bin/bench
WAL     ?= default
KILL_ROUNDS ?= 200

.DEFAULT_GOAL := help
.PHONY: kill-ledger bench-ledger schema-check help build release demo demo-clean test race cover fuzz lint bench clean postgres

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/masker, with what a debugger needs
	$(GO) build -o bin/masker ./cmd/masker

release: ## build bin/release/masker as it ships: smaller, without folders of this machine, with its version of git
	$(GO) build -buildvcs=true -trimpath -ldflags '-s -w' -o bin/release/masker ./cmd/masker
	@bin/release/masker version | grep -v '(devel)' || { echo "git does not say which version this is"; rm bin/release/masker; exit 1; }

demo: build postgres ## the whole story on a throw-away PostgreSQL, then how to look at it
	bin/masker demo

demo-clean: build ## remove what the demo left
	bin/masker demo --clean

test: postgres ## all tests, on real PostgreSQL (found, else Docker's, else installed)
	$(GO) test $(TESTFLAGS) $$($(GO) list ./... | grep -v /integration$$)
	cd integration && $(GO) test $(TESTFLAGS) # by itself, so that its line about the server used is shown

race: postgres ## all tests under the race detector
	$(GO) test -race $(TESTFLAGS) ./...

cover: postgres ## line coverage per package, and coverage.out
	$(GO) test -coverprofile=coverage.out -coverpkg=./pkg/...,./internal/...,./cmd/... ./...
	@$(GO) tool cover -func=coverage.out | tail -1

fuzz: ## run every fuzz target for FUZZTIME each (default 10s; a minute: make fuzz FUZZTIME=60s)
	scripts/fuzz $(FUZZTIME)

lint: ## gofumpt, go vet, staticcheck
	@unformatted=$$($(GO) tool gofumpt -l .); test -z "$$unformatted" || { echo "not gofumpt-formatted:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

bench: build postgres ## each treatment's ns and allocations per value, then a masked refresh against unmasked copies; SCALE=customers WAL=default|minimal OUT=folder GREENMASK=path
	$(GO) test -run '^$$' -bench '^BenchmarkLibrary$$' -benchtime 100ms ./pkg/transform/library
	$(GO) run ./integration/bench -scale $(SCALE) -out $(OUT) -wal $(WAL) -masker bin/masker

kill-ledger: ## 200 rounds of four processes that write to one ledger and are killed with -9; KILL_ROUNDS=N for more
	LEDGER_KILL_ROUNDS=$(KILL_ROUNDS) $(GO) test -count=1 -timeout 30m -run '^TestA1' -v ./pkg/ledger

bench-ledger: ## open, append to, prove from and verify a ledger of a million records
	LEDGER_BENCH=1000000 $(GO) test -run '^$$' -bench '^BenchmarkMillion$$' -timeout 30m -v ./pkg/ledger

schema-check: ## hold the JSON Schemas against a YAML language server, installed with npm under bin/
	npm install --prefix bin/yaml-language-server --no-audit --no-fund --silent yaml-language-server@1.19.2
	node scripts/schema-check.mjs bin/yaml-language-server/node_modules/yaml-language-server/bin/yaml-language-server

clean: ## remove what the build and the tests left
	rm -rf bin coverage.out

postgres: # says which PostgreSQL the tests will use, and gets one where there is none
	@$(GO) run ./internal/pglocal/ensure
