# SPDX-License-Identifier: Apache-2.0
JOBS ?= 2
BUILD ?= build

.PHONY: help setup build demo test bench lint sanitize clean

help:
	@echo "make demo      set up, build, and fit Fashion-MNIST within 5 minutes"
	@echo "make test      set up, build, check the house, run all tests"
	@echo "make build     the program, at build/bin/tenbin"
	@echo "make bench     the benchmarks (PEERS=debian installs libtorch to compare with)"
	@echo "make lint      format, layers, doors, sizes, clang-tidy"
	@echo "make sanitize  tests under ASan+UBSan and TSan"

setup:
	@scripts/setup

build: setup
	@cmake --preset release -B $(BUILD) > $(BUILD).log 2>&1 || (cat $(BUILD).log; exit 1)
	@rm -f $(BUILD).log
	@cmake --build $(BUILD) --target tenbin -j$(JOBS)

demo: build
	@scripts/demo

test: setup
	@cmake --preset release -B $(BUILD)
	@cmake --build $(BUILD) -j$(JOBS)
	@ctest --test-dir $(BUILD) --output-on-failure -j$(JOBS)

bench: setup
	@if [ -n "$(PEERS)" ]; then scripts/setup --with peers; fi
	@cmake --preset release -B $(BUILD)
	@cmake --build $(BUILD) --target bench -j$(JOBS)
	@for b in $(BUILD)/bench/bench_*; do [ -x "$$b" ] && "$$b" || exit 1; done

lint:
	@python3 tools/check_layers
	@python3 tools/check_doors
	@python3 tools/check_sizes
	@git ls-files '*.cpp' '*.h' | xargs clang-format-14 --dry-run -Werror

sanitize: setup
	@for p in asan tsan; do cmake --preset $$p && cmake --build --preset $$p -j$(JOBS) && \
	  ctest --test-dir build/$$p --output-on-failure -j$(JOBS) || exit 1; done

clean:
	@rm -rf $(BUILD)
