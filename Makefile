# Two commands are all a newcomer needs: `make demo` and `make test`.

GO      ?= go
BIN     := bin/coursemesh
CMD     := ./node/cmd/coursemesh
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 10m
FUZZ    ?= .
# The race detector needs cgo and a C compiler; without them the tests run without it.
RACE    := $(shell [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v $$($(GO) env CC) >/dev/null 2>&1 && echo -race)

.PHONY: build run demo test race fuzz lint fmt bench cover golden soak check clean

build:
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) $(CMD)

run: build
	$(BIN) serve

demo: build
	$(BIN) demo

test:
	$(GO) test $(RACE) -timeout 20m ./...

race:
	$(GO) test -race -timeout 20m ./...

# Every parser of foreign bytes has a fuzz target; each runs for FUZZTIME, one after the other. FUZZ picks some
# by a pattern over "directory target": make fuzz FUZZ='adapters/ooapi', make fuzz FUZZ='Turtle|JSONLD' FUZZTIME=1m.
# Making an interesting input smaller is cut short: by default Go spends up to a minute on each and runs nothing else.
fuzz:
	@targets=$$(grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sed -E 's|/[^/]*:func | |' | sort | grep -E '$(FUZZ)') || \
	  { echo "no fuzz target matches '$(FUZZ)'"; exit 1; }; \
	echo "$$targets" | while read -r dir target; do \
	  echo "== $$dir $$target"; \
	  $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 2s $$dir </dev/null || exit 1; \
	done

lint:
	$(GO) vet ./...
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'gofmt: run make fmt'; exit 1; }
	@if command -v gofumpt >/dev/null; then test -z "$$(gofumpt -l .)" || { gofumpt -l .; echo 'gofumpt: run make fmt'; exit 1; }; fi
	@if command -v staticcheck >/dev/null; then staticcheck ./...; fi

fmt:
	@if command -v gofumpt >/dev/null; then gofumpt -w .; else gofmt -w .; fi

bench: build
	$(BIN) bench ingest
	$(BIN) bench canon

cover:
	$(GO) test -coverprofile cover.out ./... && $(GO) tool cover -func cover.out | tail -1

# Write golden files, vectors and the documents made from code anew, after a deliberate change of a format.
golden:
	$(GO) test $$(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -n1 dirname | sort -u) -update

# The long forms of the fault tests (docs/operating.md).
soak:
	COURSEMESH_SOAK=1 $(GO) test -timeout 4h -count 1 ./...

# What CI and a pre-commit hook run.
check: lint test

clean:
	rm -rf bin cover.out
