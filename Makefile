# `make help` lists the targets.
GO      ?= go
FUZZTIME ?= 10s
TESTFLAGS ?= -timeout 20m
SCALE   ?= 1000000
OUT     ?= bin/bench
WAL     ?= default
KILL_ROUNDS ?= 200
ORDER_ROWS ?= 1000000
CROWD   ?= 1000000
TORTURE_ROUNDS ?= 10
TABLES  ?= 5000
COLUMNS ?= 1500
ROUNDS  ?= 3
REFRESHES ?= 100
ROWS    ?= 1000000
MEMORY  ?= 256MB

.DEFAULT_GOAL := help
.PHONY: bench-branch bench-sampled bench-discovery attack test-versions torture order crowd bench-tables bench-wide bench-subset many-refreshes kill-ledger bench-ledger schema-check help build release demo demo-clean test race cover fuzz lint bench clean postgres

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/masker, with debug information
	$(GO) build -o bin/masker ./cmd/masker

release: ## build bin/release/masker as it ships: without debug information and paths of this machine, with the version from git
	$(GO) build -buildvcs=true -trimpath -ldflags '-s -w' -o bin/release/masker ./cmd/masker
	@bin/release/masker version | grep -v '(devel)' || { echo "git does not know the version of this checkout"; rm bin/release/masker; exit 1; }

demo: build postgres ## show a complete refresh on a throw-away PostgreSQL server
	bin/masker demo

demo-clean: build ## stop the demo's server and remove its folder
	bin/masker demo --clean

test: postgres ## run all tests on a real PostgreSQL: in Docker, or with programs of this machine, which it installs if needed
	scripts/in-memory $(GO) test $(TESTFLAGS) $$($(GO) list ./... | grep -v /integration$$)
	cd integration && ../scripts/in-memory $(GO) test $(TESTFLAGS) -parallel 4 # alone, so that go test shows which server it uses; the stories often wait for the server

test-versions: ## run the cases on PostgreSQL 14 to 18, which npm and apt install under bin. VERSIONS="16 14-17" for some
	scripts/in-memory scripts/test-versions $(VERSIONS)

race: postgres ## run all tests with the race detector
	scripts/in-memory $(GO) test -race -timeout 60m $$($(GO) list ./... | grep -v /integration$$)
	cd integration && ../scripts/in-memory $(GO) test -race -timeout 60m -parallel 4 # alone, as in make test

cover: postgres ## measure line coverage, and write coverage.out
	$(GO) test -coverprofile=coverage.out -coverpkg=./pkg/...,./internal/...,./cmd/... ./...
	@$(GO) tool cover -func=coverage.out | tail -1

fuzz: ## run every fuzz target for 10 s. For a minute each: make fuzz FUZZTIME=60s
	scripts/fuzz $(FUZZTIME)

lint: ## check the code with gofumpt, go vet and staticcheck
	@unformatted=$$($(GO) tool gofumpt -l .); test -z "$$unformatted" || { echo "not gofumpt-formatted:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

bench: build postgres ## measure treatments and verification, and compare a masked refresh with unmasked copies. SCALE=customers WAL=default|minimal OUT=folder GREENMASK=path
	$(GO) test -run '^$$' -bench '^BenchmarkLibrary$$' -benchtime 100ms ./pkg/transform/library
	$(GO) test -run '^$$' -bench '^Benchmark(Collect|Probe)$$' -benchtime 300ms ./pkg/verify
	$(GO) run ./integration/bench -scale $(SCALE) -out $(OUT) -wal $(WAL) -masker bin/masker
	$(MAKE) bench-sampled ROWS=10000000

torture: postgres ## kill masker with -9 at each of its points, send it signals, and let the network of either side fail, in 10 rounds. TORTURE_ROUNDS=N for more
	cd integration && TORTURE_ROUNDS=$(TORTURE_ROUNDS) $(GO) test -count=1 -timeout 60m -run '^TestTorture$$|^TestEveryPointIsTortured$$' -v .

order: postgres ## measure what is left of the source's order in shuffled tables of a million rows. ORDER_ROWS=number
	cd integration && ORDER_ROWS=$(ORDER_ROWS) $(GO) test -count=1 -timeout 60m -run '^TestP1TheOrderOfRowsTellsNothing$$' -v .

crowd: postgres ## verify a correct refresh of a million people strictly, then one with a leak of 64 values. CROWD=people
	cd integration && CROWD=$(CROWD) $(GO) test -count=1 -timeout 60m -run '^TestCorrectRefreshesRaiseNoAlarm$$/^crowd$$' -v .

attack: postgres ## make every attack of docs/threats.md. BEFORE=COMMIT also makes them on masker as it was then
	scripts/attack $(BEFORE)

bench-tables: build postgres ## compare a masked refresh of 5,000 small tables with an unmasked copy. TABLES=number ROUNDS=number OUT=folder
	$(GO) run ./integration/bench -tables $(TABLES) -rounds $(ROUNDS) -out $(OUT) -masker bin/masker

bench-wide: build postgres ## compare a masked refresh of a table of 1,500 columns with an unmasked copy. COLUMNS=number ROUNDS=number OUT=folder
	$(GO) run ./integration/bench -columns $(COLUMNS) -rounds $(ROUNDS) -out $(OUT) -masker bin/masker

bench-subset: build postgres ## compare a refresh of one percent of the customers with a refresh of all rows. SCALE=customers ROUNDS=number OUT=folder
	$(GO) run ./integration/bench -subset 1 -scale $(SCALE) -rounds $(ROUNDS) -out $(OUT) -masker bin/masker

bench-branch: build postgres ## compare masker branch create with the copy alone. The server is below TMPDIR. TMPDIR=folder SCALE=customers ROUNDS=number
	$(GO) run ./integration/bench -branch -scale $(SCALE) -rounds $(ROUNDS) -out $(OUT) -masker bin/masker

bench-sampled: build postgres ## verify a table of ROWS people strictly, and count what is found of 1, 10 and 100 leaked values. ROWS=number MEMORY=size
	$(GO) run ./integration/bench -sampled $(ROWS) -memory $(MEMORY) -out $(OUT) -masker bin/masker

bench-discovery: ## measure what the detectors find among labelled columns, by names and types. LABELS=file.csv for labels of your own, LABELS=folder for the repository tsegall/semantic-types
	LABELS=$(LABELS) $(GO) test -count=1 -v -run '^TestGuessesOfLabelledColumns$$' ./pkg/discover/guess

many-refreshes: ## run 100 refreshes in one process, and check that nothing is left behind. make test runs ten. REFRESHES=N for more
	REFRESHES=$(REFRESHES) $(GO) test -count=1 -timeout 60m -run '^TestManyRefreshes' -v ./pkg/movement/postgres

kill-ledger: ## kill four processes with -9 while they write to one ledger, in 200 rounds. KILL_ROUNDS=N for more
	LEDGER_KILL_ROUNDS=$(KILL_ROUNDS) $(GO) test -count=1 -timeout 30m -run '^TestA1' -v ./pkg/ledger

bench-ledger: ## measure a ledger of a million records: open, append, prove and verify
	LEDGER_BENCH=1000000 $(GO) test -run '^$$' -bench '^BenchmarkMillion$$' -timeout 30m -v ./pkg/ledger

schema-check: ## test the JSON Schemas with a YAML language server, which npm installs under bin/
	npm install --prefix bin/yaml-language-server --no-audit --no-fund --silent yaml-language-server@1.19.2
	node scripts/schema-check.mjs bin/yaml-language-server/node_modules/yaml-language-server/bin/yaml-language-server

clean: ## remove bin and coverage.out
	rm -rf bin coverage.out

postgres: # prints which PostgreSQL the tests use, and installs one if there is none
	@$(GO) run ./internal/pglocal/ensure
