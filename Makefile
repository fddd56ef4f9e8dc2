# A thin door to CMake, CTest and tools/. `make help` lists what there is.
# Settings: PREFIX and DESTDIR (install), JOBS, FUZZ_SECONDS (fuzz), SOAK_ROUNDS (soak).
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 120
SOAK_ROUNDS ?= 20
E2E = USENETSYNC=build/release/bin/usenetsync HOSTILE_NEWSD=$(CURDIR)/build/asan/bin/hostile_newsd PROJECT=$(CURDIR) \
	FAULTY_CALLS_SO=$(CURDIR)/build/asan/tests/calls/libfaulty_calls.so
CTEST = ctest --output-on-failure --no-tests=error

.NOTPARALLEL:
.PHONY: release asan dev tsan coverage setup-build help demo test check lint soak fuzz bench install clean

release: setup-build ## build what is installed (the default)
	cmake --preset release
	cmake --build --preset release --parallel $(JOBS)

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

demo: release ## share a real folder through the built-in news server and get it back
	tools/demo

test: ## everything: unit, flow and fuzz rows under ASan and UBSan, end-to-end in release
	tools/setup test
	cmake --preset release
	cmake --build --preset release --parallel $(JOBS)
	cmake --preset asan
	cmake --build --preset asan --parallel $(JOBS)
	cd build/asan && $(CTEST) --parallel $(JOBS)

check: dev ## fast: a debug build and the unit tests
	cd build/dev && $(CTEST) --parallel $(JOBS) --label-regex unit

lint: ## layers, format, headers, clang-tidy, cppcheck, sizes
	tools/setup lint
	cmake --preset dev
	tools/lint

tsan: ## unit and flow tests under ThreadSanitizer
	tools/setup test
	cmake --preset tsan
	cmake --build --preset tsan --parallel $(JOBS)
	cd build/tsan && $(CTEST) --parallel $(JOBS) --label-regex 'unit|flow'

coverage: ## which lines of the codecs their unit tests reach; at least 95 % of each room
	tools/setup test
	cmake --preset coverage
	JOBS=$(JOBS) tools/coverage

soak: asan release ## 1,000 kills, 500 power cuts, every 7th call failing, 100 rounds of moving files, 200,000 files, 1,000 mixes of faults, a burst of 5,000, 45 minutes of faults; then flow and e2e tests SOAK_ROUNDS times
	$(E2E) KILLS=1000 tests/e2e/test_kill.sh
	$(E2E) RUNS=500 tests/e2e/test_power_loss.sh
	$(E2E) EACH=0 tests/e2e/test_failing_calls.sh
	$(E2E) ROUNDS=100 tests/e2e/test_mutate.sh
	$(E2E) PAUSES=10 tests/e2e/test_pause.sh
	$(E2E) tests/e2e/soak_many.sh 20000 200000
	$(E2E) MIXES=1000 tests/e2e/test_hostile_mix.sh
	$(E2E) tests/e2e/soak_hostile.sh 5000 45
	cd build/asan && $(CTEST) --label-regex 'flow|e2e' --repeat until-fail:$(SOAK_ROUNDS)

fuzz: ## every fuzzer for FUZZ_SECONDS
	tools/setup lint
	cmake --preset fuzz
	cmake --build --preset fuzz --parallel $(JOBS) --target fuzzers
	tools/fuzz $(FUZZ_SECONDS)

bench: ## the measurements of tests/bench, on the release build
	tools/setup bench
	cmake --preset release -DBENCH=ON
	cmake --build --preset release --parallel $(JOBS)
	tools/bench

install: ## into DESTDIR and PREFIX
	@test -x build/release/bin/usenetsync || $(MAKE) release
	DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(PREFIX)"

clean: ## remove build/
	rm -rf build

setup-build:
	tools/setup build

dev asan:
	tools/setup test
	cmake --preset $@
	cmake --build --preset $@ --parallel $(JOBS)
