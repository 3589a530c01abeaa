# voiceapp: `make run` starts the server, `make test` runs all that CI runs, `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

GO      ?= go
LINT     = $(GO) tool -modfile=tools.mod golangci-lint
LEAVES   = /voice/(opus|speex|device)$$
DESKTOP  = /examples/fyne
REALTIME = /voice/device|/cmd/voiceapp$$|/cmd/voiceapp-bench$$|/examples/
CROSS    = linux/arm64 windows/amd64 darwin/arm64
FUZZTIME ?= 30s
DUR     ?= 30s
MINUTES ?= 60
PREFIX  ?= $(HOME)/.local
ARGS    ?=

.PHONY: help run demo test bench bench-relay bench-store crash soak soak-desktop deps deps-build deps-desktop build lint format unit realtime widgets test-desktop desktop install-desktop dashboard alloc purego variants cross importer golden latency plugins fuzz clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: ## build and start the server (pure Go, no setup); more flags by ARGS="--listen :7000"
	CGO_ENABLED=0 $(GO) build -o bin/voiceapp-server ./cmd/voiceapp-server
	exec bin/voiceapp-server $(ARGS)

demo: build ## real speech from one client to two others, and a proof that it was heard
	$(GO) run ./examples/demo --bin bin --out demo --speech testdata/speech/speech.wav

build: deps-build ## the programs, in bin/
	CGO_ENABLED=0 $(GO) build -o bin/ ./cmd/voiceapp-server ./cmd/voiceapp-bench
	$(GO) build -o bin/ ./cmd/voiceapp

test: deps lint unit realtime widgets test-desktop dashboard alloc purego variants cross importer ## all that CI runs

bench: deps ## the benchmarks, a load on the relay, and plugins: their figures, and hostile ones in a live talk
	$(GO) test -run '^$$' -bench . -benchmem ./...
	CGO_ENABLED=0 $(GO) build -o bin/ ./cmd/voiceapp-bench
	$(MAKE) bench-relay
	bin/voiceapp-bench plugin --frames 5000 --every 1ms
	VOICEAPP_LIMITS=1 $(GO) test -count=1 -v -run Hostile ./plugin

bench-relay: ## a load on the relay: what a frame costs beside a bare loop, crowds, no waiting, a thousand users, a flood, a storm next door, the most it carries
	CGO_ENABLED=0 $(GO) build -o bin/ ./cmd/voiceapp-bench
	bin/voiceapp-bench relay --users 100 --speakers 4 --dur 10s --compare --max-ratio 130 --max-loss 0
	bin/voiceapp-bench relay --users 200 --speakers 20 --dur 10s --compare --max-ratio 35 --max-p99 10ms --max-loss 0
	bin/voiceapp-bench relay --users 200 --speakers 20 --dur 10s --max-wait -1ns --compare --max-ratio 130 --max-loss 0
	bin/voiceapp-bench relay --users 1000 --speakers 1 --dur 10s --compare --max-rounds 170 --max-loss 0
	bin/voiceapp-bench relay --users 50 --speakers 50 --dur 10s --max-loss 0
	bin/voiceapp-bench relay --users 50 --speakers 50 --dur 10s --flood 100000 --max-loss 5
	bin/voiceapp-bench relay --users 10 --speakers 2 --dur 10s --max-loss 0
	bin/voiceapp-bench relay --users 10 --speakers 2 --dur 10s --storm 80 --max-loss 5
	bin/voiceapp-bench relay --users 200 --speakers 20 --dur 5s --max

bench-store: ## the store under load, and two other SQLite drivers under the same
	CGO_ENABLED=0 $(GO) build -o bin/ ./cmd/voiceapp-bench
	cd bench && $(GO) build -o ../bin/bench-drivers ./drivers
	@for run in 1 2; do \
	  echo -n "voiceapp  "; bin/voiceapp-bench store --dur $(DUR) || exit 1; \
	  for driver in mattn modernc; do printf '%-10s' $$driver; bin/bench-drivers --driver $$driver --dur $(DUR) || exit 1; done; \
	done

crash: ## 300 times kill -9, and 300 power cuts, under load: nothing that was acknowledged is lost
	VOICEAPP_CRASH=300 $(GO) test -count=1 -v -timeout 30m -run 'TestKillWhileWriting|TestPowerCut|TestFailingSync' ./store | grep --line-buffered -E '=[0-9]|FAIL|^ok'
	VOICEAPP_CRASH=1000 $(GO) test -count=1 -v -timeout 30m -run 'TestTwoProcesses|TestKillWhileWriting' ./bookmarks | grep --line-buffered -E '=[0-9]|FAIL|^ok'

soak: deps ## people speak, come and go for MINUTES (60): memory, goroutines and descriptors stay as they are
	CGO_ENABLED=0 $(GO) build -o bin/ ./cmd/voiceapp-bench
	bin/voiceapp-bench soak --dur $(MINUTES)m

deps: ## install what a fresh Debian machine lacks
	@.ci/deps all

deps-build deps-desktop: # what building the programs, or the desktop client, needs, and nothing else
	@.ci/deps $(@:deps-%=%)

lint: deps ## format, vet, the linter with the import rules, tidy module files
	$(LINT) config verify
	$(LINT) fmt --diff
	$(LINT) run
	CGO_ENABLED=0 $(LINT) run --build-tags nobatch
	$(LINT) run --build-tags desktop ./examples/fyne
	@cgo=$$($(GO) list -f '{{if .CgoFiles}}{{.ImportPath}}{{end}}' ./... | grep -vE '$(LEAVES)' || true); \
	  if [ -n "$$cgo" ]; then echo "cgo appears only in the leaves, not in: $$cgo" >&2; exit 1; fi
	$(GO) mod tidy -diff
	$(GO) mod verify
	$(GO) vet ./...

format: ## put the code into the form that lint asks for
	$(LINT) fmt

unit: deps ## every test but those of realtime, under the race detector, in a random order
	$(GO) test -race -shuffle=on -timeout 15m $$($(GO) list ./... | grep -vE '$(REALTIME)')

realtime: deps ## real programs and real speech, one after the other: they want the machine for themselves
	$(GO) test -count=1 -p 1 -timeout 10m $$($(GO) list ./... | grep -E '$(REALTIME)' | grep -v '$(DESKTOP)')

widgets: deps ## the desktop client's screens, without a display, on a real server and virtual sound devices
	$(GO) test -race -count=1 -p 1 -timeout 10m -tags ci,no_glfw ./examples/fyne/...

test-desktop: deps build desktop ## the desktop client in a real window, with real speech both ways; screenshots in examples/fyne/shots
	$(GO) test -count=1 -v -timeout 10m -tags desktop ./examples/fyne

soak-desktop: deps build desktop ## the desktop client hears three people talk for MINUTES (60): what it costs and holds
	VOICEAPP_LIMITS=1 VOICEAPP_TALK=$(MINUTES)m $(GO) test -count=1 -v -timeout 24h -tags desktop -run TestCost ./examples/fyne | grep --line-buffered -E '=[0-9]|FAIL|^ok'

desktop: deps-desktop ## build the desktop client, bin/voiceapp-desktop, or say which packages are missing
	$(GO) build -o bin/voiceapp-desktop ./examples/fyne

install-desktop: desktop ## put the desktop client, its icon and its links (voiceapp://) where desktops look, under PREFIX
	install -Dm755 bin/voiceapp-desktop $(PREFIX)/bin/voiceapp-desktop
	install -Dm644 examples/fyne/desktop/org.voiceapp.desktop.desktop $(PREFIX)/share/applications/org.voiceapp.desktop.desktop
	install -Dm644 examples/fyne/desktop/org.voiceapp.desktop.svg $(PREFIX)/share/icons/hicolor/scalable/apps/org.voiceapp.desktop.svg
	install -Dm644 examples/fyne/desktop/org.voiceapp.desktop.png $(PREFIX)/share/icons/hicolor/256x256/apps/org.voiceapp.desktop.png
	install -Dm644 examples/fyne/desktop/org.voiceapp.desktop.metainfo.xml $(PREFIX)/share/metainfo/org.voiceapp.desktop.metainfo.xml
	-update-desktop-database $(PREFIX)/share/applications
	-xdg-mime default org.voiceapp.desktop.desktop x-scheme-handler/voiceapp

dashboard: deps build ## the dashboard in a real browser, with real clients; screenshots in admin/e2e/shots
	cd admin/e2e && npm ci --no-audit --no-fund --silent && node run.mjs

alloc: deps ## allocation tests (they mean nothing under the race detector), and each benchmark once
	$(GO) test -run Alloc -bench . -benchtime 1x $$($(GO) list ./... | grep -vE '$(REALTIME)')

purego: ## build and test without cgo: everything but the leaves that need it
	CGO_ENABLED=0 $(GO) build ./...
	CGO_ENABLED=0 $(GO) vet ./...
	CGO_ENABLED=0 $(GO) test -timeout 15m $$(CGO_ENABLED=0 $(GO) list ./... | grep -vE '$(LEAVES)|$(REALTIME)')

variants: deps ## the codec without libopusfile, no libspeexdsp, the relay without batched system calls
	$(GO) build -tags nolibopusfile ./...
	$(GO) test -tags nolibopusfile ./voice/opus
	$(GO) build -tags nospeex ./...
	$(GO) test -tags nospeex ./voice/speex
	CGO_ENABLED=0 $(GO) test ./voice/speex
	$(GO) vet -tags nobatch ./voice/relay/...
	$(GO) test -tags nobatch ./voice/relay/...

cross: ## build the server for other systems
	@for target in $(CROSS); do \
	  echo "server for $$target"; \
	  CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} $(GO) build -o /dev/null ./cmd/voiceapp-server || exit 1; \
	done

importer: deps ## a server and a bot made of the public packages alone, as somebody else's module; a client made from the OpenAPI document; the module of the other drivers
	cd testdata/importer && $(GO) mod tidy -diff && $(GO) vet ./... && $(GO) test ./...
	cd testdata/apiclient && $(GO) generate ./... && $(GO) mod tidy -diff && $(GO) vet ./... && $(GO) test ./...
	cd bench && $(GO) mod tidy -diff && $(GO) vet ./...

golden: ## write what is golden anew: the OpenRPC and OpenAPI documents, the transcripts, the session that PROTOCOL.md shows, METRICS.md, CONFIGURATION.md
	$(GO) test -count=1 -run 'OpenRPC|Transcript' ./control -update
	$(GO) test -count=1 -run 'OpenAPIDocument' ./admin -update
	$(GO) test -count=1 -run 'Document' ./admin/metrics -update
	$(GO) test -count=1 -run 'Reference' ./cmd/voiceapp-server -update

latency: deps build ## from mouth to ear through sound devices, stage by stage, and through the devices alone
	VOICEAPP_LATENCY=40 $(GO) test -count=1 -v -run 'TestLatency$$' ./cmd/voiceapp | grep -vE '^(=== |---|ok|PASS)'

plugins: ## build the example plugins anew (C, Rust, AssemblyScript, Go)
	examples/plugins/build.sh

fuzz: deps ## each fuzz target for FUZZTIME (30s)
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzzminimizetime 1x -fuzztime $(FUZZTIME) $$package || exit 1; \
	  done; \
	done

clean: ## remove what was built
	rm -rf bin demo admin/e2e/node_modules admin/e2e/shots examples/fyne/shots
