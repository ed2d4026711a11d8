# SPDX-License-Identifier: Apache-2.0
JOBS ?= $(shell nproc)
BUILD ?= build
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
# Only what went wrong is worth a line: the log of a step is printed when the step fails.
quietly = log=$$(mktemp); if $(1) >"$$log" 2>&1; then rm -f "$$log"; \
  else cat "$$log"; rm -f "$$log"; exit 1; fi

# A line for each test, and the summary last.
run_tests = ctest --test-dir $(1) --output-on-failure -j$(JOBS) | grep --line-buffered -v '^ *Start '

.PHONY: help setup build edge demo test bench lint format sanitize fuzz clean

help:
	@echo "make demo      set up, build, and fit Fashion-MNIST within 5 minutes"
	@echo "make test      set up, build, check the house, run all tests"
	@echo "make build     the program, at build/bin/tenbin"
	@echo "make edge      tenbin-edge: serving alone, in one static file"
	@echo "make bench     the benchmarks (PEERS=debian installs libtorch to compare with,"
	@echo "               PEERS=modern PyTorch of PyPI; PAIRS=31 for figures to quote)"
	@echo "make lint      layers, doors, sizes, format, clang-tidy on what differs (ALL=1: on all)"
	@echo "make format    clang-format on every file (ROOM=engine: of one room)"
	@echo "make sanitize  tests under ASan+UBSan and TSan"
	@echo "make fuzz      30 seconds of search for each fuzz target (FUZZ_SECONDS=...)"
	@echo "make clean     remove what was built"

setup:
	@scripts/setup

build: setup
	@$(call quietly,cmake --preset release -B $(BUILD))
	@echo "building $(BUILD)/bin/tenbin"
	@cmake --build $(BUILD) --target tenbin -j$(JOBS) -- --quiet

edge: setup
	@$(call quietly,cmake --preset release -B $(BUILD))
	@echo "building $(BUILD)/bin/tenbin-edge"
	@cmake --build $(BUILD) --target tenbin tenbin-edge -j$(JOBS) -- --quiet
	@TENBIN=$(BUILD)/bin/tenbin tests/e2e/edge_test.py --facts

demo: build
	@scripts/demo

test: setup
	@$(call quietly,cmake --preset release -B $(BUILD))
	@echo "building everything"
	@cmake --build $(BUILD) -j$(JOBS) -- --quiet
	@TENBIN=$(BUILD)/bin/tenbin tests/e2e/edge_test.py --facts
	@$(call run_tests,$(BUILD))

bench: setup
	@case "$(PEERS)" in '') ;; debian) scripts/setup --with peers ;; \
	  modern) scripts/setup --with modern-peers ;; \
	  *) echo "PEERS=$(PEERS): expected debian or modern" >&2; exit 2 ;; esac
	@$(call quietly,cmake --preset release -B $(BUILD))
	@cmake --build $(BUILD) --target bench -j$(JOBS) -- --quiet
	@failed=0; for b in $(BUILD)/bench/bench_*; do "$$b" --pairs $(or $(PAIRS),7) \
	  $(if $(PEERS),--peers $(PEERS)) || failed=1; done; exit $$failed

lint:
	@scripts/lint $(if $(ALL),--all)

format:
	@git ls-files --cached --others --exclude-standard 'src/$(if $(ROOM),$(ROOM)/)*.cpp' \
	  'src/$(if $(ROOM),$(ROOM)/)*.h' $(if $(ROOM),,'tests/*.cpp' 'tests/*.h' 'bench/*.cpp' 'bench/*.h') \
	  | xargs -r clang-format-14 -i

# docs/sanitizers.md says why each of these is there.
ARCHER := /usr/lib/llvm-14/lib/libarcher.so
sanitize: setup
	@for p in asan tsan; do echo "sanitize: $$p"; $(call quietly,cmake --preset $$p); \
	  cmake --build --preset $$p -j$(JOBS) -- --quiet && \
	  export TSAN_OPTIONS=ignore_noninstrumented_modules=1:suppressions=$(CURDIR)/tools/foreign_races.txt:print_suppressions=0 \
	    OMP_TOOL_LIBRARIES=$(ARCHER) \
	    LSAN_OPTIONS=suppressions=$(CURDIR)/tools/foreign_leaks.txt:print_suppressions=0 && \
	  $(call run_tests,build/$$p) || exit 1; done

fuzz: setup
	@$(call quietly,cmake --preset fuzz)
	@cmake --build --preset fuzz --target fuzz -j$(JOBS) -- --quiet
	@for f in build/fuzz/fuzz/fuzz_*; do [ ! -x "$$f" ] || { \
	  corpus=build/fuzz/corpus/$$(basename $$f); mkdir -p $$corpus; echo "fuzz: $$f"; \
	  "$$f" -max_total_time=$(or $(FUZZ_SECONDS),30) -timeout=1 -rss_limit_mb=512 -verbosity=0 \
	    $$corpus $$(find tests/fuzz/corpus/$$(basename $$f) -maxdepth 0 2>/dev/null) || exit 1; }; done

clean:
	@rm -rf $(BUILD)
