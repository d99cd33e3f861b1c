# Everything a person or CI does here. `make help` lists it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export MYPYPATH := $(CURDIR)/python
# Tools that call each other find those of the environment first.
export PATH := $(CURDIR)/$(BIN):$(PATH)

RELEASE    := build/release-venv
WHEEL_VENV := build/wheel-venv
# What is tested: the package as it lies here, or with WHEEL=1 the wheel, in an environment that knows nothing of this folder.
TESTED     := $(if $(WHEEL),$(WHEEL_VENV),$(VENV))
ON_TESTED  := VIRTUAL_ENV=$(CURDIR)/$(TESTED) PATH=$(CURDIR)/$(TESTED)/bin:$$PATH $(if $(WHEEL),TRUNKLINE_DIST=$(CURDIR)/dist)

RUST_SOURCES := Cargo.toml Cargo.lock $(shell find rust -name '*.rs' -o -name 'Cargo.toml' 2>/dev/null | grep -v -e /target/ -e ^rust/fuzz/)
SHIPPED := README.md LICENSE pyproject.toml release/trunkline.cdx.json $(shell find python/trunkline -type f -not -path '*/__pycache__/*' -not -name '_native*.so' -not -name '_native*.pyd' 2>/dev/null)
SECONDS_OF_FUZZING ?= 60
FIGURES ?= codec lines gauntlet
SITE_VENV := build/site-venv
SCREENS := tests/tui tests/cli tests/docs
SOUNDING := devices barge_in echo talk_devices
# Bytes that depend on nothing but the sources: times are the last commit's, and the builder's folders are cut out of the extension. (Not exported: `make
# sanitize` has flags of its own.)
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 1767225600)
REPRODUCIBLY = SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) RUSTFLAGS="--remap-path-prefix=$${CARGO_HOME:-$$HOME/.cargo}=cargo --remap-path-prefix=$(CURDIR)=trunkline"
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
NEON_TARGET := aarch64-unknown-linux-musl

.DEFAULT_GOAL := help

.PHONY: help    ## list the targets
help:
	@sed -n 's/^\.PHONY: *\([a-z-]*\) *## */  \1\t/p' Makefile | expand -t 16

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "trunkline needs Python 3.11 or newer, $(PYTHON) is %d.%d; set PYTHON=" % sys.version_info[:2])'
	@command -v cargo >/dev/null || { echo "trunkline needs cargo (https://rustup.rs)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.locked: $(VENV)/.python requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.built: $(VENV)/.locked pyproject.toml $(RUST_SOURCES)
	@# By pip and not by `maturin develop`, which wants a pip with --group; a new venv's is older.
	@# With a release's flags, so that the extension of a wheel is the same and not compiled again.
	$(REPRODUCIBLY) MATURIN_PEP517_ARGS=--locked $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'from trunkline.audio import codec; assert codec.build_profile() == "release", "the extension is a debug build"'
	@touch $@

.PHONY: build   ## make .venv, install what is locked, build the extension in release
build: $(VENV)/.built

.PHONY: demo    ## run the main job against the embedded simulator (ARGS="--headless" and others)
demo: build
	@$(BIN)/trunkline demo $(ARGS)

.PHONY: format  ## format Python and Rust
format: build
	$(BIN)/ruff format python tests benches docs examples release
	$(BIN)/ruff check --fix python tests benches docs examples release
	cargo fmt --all

.PHONY: check   ## format, lint, types, stubs, layers, clippy
check: build
	$(BIN)/ruff format --check python tests benches docs examples release
	$(BIN)/ruff check python tests benches docs examples release
	$(BIN)/mypy
	$(BIN)/mypy --strict tests/typing/api.py examples/phone_bridge.py examples/interpreter.py examples/many_lines.py
	$(BIN)/python -m mypy.stubtest trunkline._native
	$(BIN)/lint-imports
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo fmt --manifest-path rust/fuzz/Cargo.toml --check
	@# Without libFuzzer itself, half a minute of C++ that clippy has nothing to say about.
	cargo clippy --manifest-path rust/fuzz/Cargo.toml --no-default-features --locked --target-dir target/fuzz -- -D warnings

$(WHEEL_VENV)/.installed: $(RELEASE)/.locked dist/.wheel requirements-dev.lock
	$(RELEASE)/bin/uv venv --quiet --clear --python $(PYTHON) $(WHEEL_VENV)
	$(RELEASE)/bin/uv pip install --quiet --compile-bytecode --python $(WHEEL_VENV) --require-hashes -r requirements-dev.lock
	$(RELEASE)/bin/uv pip install --quiet --compile-bytecode --python $(WHEEL_VENV) --no-deps dist/*.whl
	@touch $@

.PHONY: test    ## all tests of Rust and Python, with coverage of the pure layers (WHEEL=1: on the wheel, installed)
test: build $(if $(WHEEL),$(WHEEL_VENV)/.installed dist/.sdist)
	cargo test --locked --package trunkline-codec
	$(TESTED)/bin/coverage erase
	@# The console's tests wait for screens more than they work, so they run beside the others.
	@mkdir -p build
	@$(ON_TESTED) $(TESTED)/bin/coverage run -p -m pytest $(SCREENS) >build/screens.log 2>&1 & screens=$$!; \
	$(ON_TESTED) $(TESTED)/bin/coverage run -p -m pytest $(SCREENS:%=--ignore=%) --ignore=tests/virtual --ignore=tests/soak/test_planted.py; rest=$$?; \
	wait $$screens; screens=$$?; cat build/screens.log; test $$rest = 0 && test $$screens = 0
	$(TESTED)/bin/coverage combine --quiet
	$(TESTED)/bin/coverage report --include='python/trunkline/protocol/*,python/trunkline/audio/*,python/trunkline/text.py,python/trunkline/errors.py' --fail-under=100
	$(TESTED)/bin/coverage report --fail-under=90 | tail -n 1
	$(MAKE) --no-print-directory test-oldest

.PHONY: test-oldest ## the tests of the link with the oldest websockets we support
test-oldest: build $(if $(WHEEL),$(WHEEL_VENV)/.installed)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target build/websockets-14 --only-binary :all: websockets==14.0
	@# What sounds takes its time, and knows nothing of the link.
	$(ON_TESTED) PYTHONPATH=build/websockets-14 $(TESTED)/bin/python -m pytest tests/transports tests/client tests/scenarios -q $(SOUNDING:%=--ignore=tests/scenarios/test_%.py)

# ---- What is shipped.

$(RELEASE)/.locked: requirements-release.lock
	$(PYTHON) -m venv --clear $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-release.lock
	@touch $@

.PHONY: wheel   ## this machine's wheel into dist/: release, stripped, the same bytes for the same commit
wheel: dist/.wheel
dist/.wheel: $(VENV)/.locked $(RUST_SOURCES) $(SHIPPED)
	@rm -f dist/*.whl
	$(REPRODUCIBLY) $(BIN)/maturin build --quiet --release --locked --out dist
	@touch $@

.PHONY: sdist   ## the source distribution into dist/
sdist: dist/.sdist
dist/.sdist: $(VENV)/.locked $(RUST_SOURCES) $(SHIPPED)
	@rm -f dist/*.tar.gz
	$(REPRODUCIBLY) $(BIN)/maturin sdist --out dist
	@touch $@

.PHONY: shipped ## what is shipped, as people have it: built again from the sdist, each extra alone, uvx and pipx (network, 3 minutes)
shipped: build $(RELEASE)/.locked dist/.wheel dist/.sdist
	$(RELEASE)/bin/twine check --strict dist/*.whl dist/*.tar.gz
	$(RELEASE)/bin/abi3audit --strict --summary dist/*.whl
	$(RELEASE)/bin/python release/bom.py --check
	$(RELEASE)/bin/zizmor --offline --persona=pedantic --quiet .github/workflows
	TRUNKLINE_DIST=$(CURDIR)/dist TRUNKLINE_RELEASE_TOOLS=$(CURDIR)/$(RELEASE)/bin $(BIN)/python -m pytest tests/release --ignore=tests/release/test_installed.py -q

.PHONY: shipped-tools
shipped-tools:
	@$(MAKE) --no-print-directory $(RELEASE)/.locked || { echo "make shipped: no way to PyPI, where its tools come from" >&2; exit 1; }

.PHONY: test-beside ## beside openai[realtime], which wants websockets < 16: one environment for both, the tests of the link there (network)
test-beside: $(RELEASE)/.locked dist/.wheel
	@# What is locked, but for the one package that they must agree about.
	grep -oE '^[A-Za-z0-9._-]+==[^ ;]+( ;[^\\]*)?' requirements-dev.lock | grep -v '^websockets==' >build/beside.txt
	$(RELEASE)/bin/uv venv --quiet --clear --python $(PYTHON) build/beside-venv
	$(RELEASE)/bin/uv pip install --quiet --python build/beside-venv --constraint build/beside.txt 'openai[realtime]' "trunkline[all] @ file://$$(echo $(CURDIR)/dist/*.whl)" hypothesis pytest pytest-timeout uvloop
	$(RELEASE)/bin/uv pip check --python build/beside-venv
	build/beside-venv/bin/python -c 'import openai.resources.realtime, websockets; print("beside openai[realtime]: websockets", websockets.__version__); assert 14 <= int(websockets.__version__.partition(".")[0]) < 16'
	build/beside-venv/bin/python -m pytest tests/transports tests/client -q
	@newest=$$(echo websockets | $(RELEASE)/bin/uv pip compile --quiet --no-header --no-annotate -); grep -qF "$$newest " requirements-dev.lock || echo "test-beside: there is a newer websockets than the locked one: make lock" >&2

.PHONY: audit   ## known weaknesses, licences and sources of what we depend on; fails closed (network; AUDIT_OFFLINE="why" leaves the databases out)
audit: build $(RELEASE)/.locked
	$(BIN)/python release/audit.py $(RELEASE)/bin $(if $(AUDIT_OFFLINE),--offline "$(AUDIT_OFFLINE)")

.PHONY: audit-tools
audit-tools: build
	@$(MAKE) --no-print-directory $(RELEASE)/.locked && $(BIN)/python release/audit.py $(RELEASE)/bin --can-ask

.PHONY: bom     ## draw the bill of materials that is in the wheel
bom: $(VENV)/.locked
	$(BIN)/python release/bom.py

.PHONY: bench   ## the codec against its peers, in one interleaved run
bench: build
	$(BIN)/python benches/codec.py
	$(BIN)/python benches/json_decoders.py

.PHONY: bench-lines ## many lines on one core against peers and a floor in C (gcc, libssl-dev; network for peers; ARGS="--short")
bench-lines: build
	@# Peers that are no dependency of ours go into a directory of their own; what cannot be had is left out, and said so.
	@mkdir -p build/lines && { test -d build/lines/peers || $(BIN)/python -m pip install --quiet --disable-pip-version-check --target build/lines/peers picows uvloop; } || true
	PYTHONPATH=build/lines/peers $(BIN)/python benches/lines.py $(ARGS)

.PHONY: measure-liveness ## detection, false deaths, outages, audio lost: 200 times each and more, in namespaces (root, 18 minutes)
measure-liveness: build
	$(BIN)/python benches/reliability/liveness.py --lanes 10
	$(BIN)/python benches/reliability/outage.py
	$(BIN)/python benches/reliability/audio.py

.PHONY: fuzz    ## random input against the codec and the event reader (SECONDS_OF_FUZZING=60 for each target)
fuzz: fuzz-tools build
	$(BIN)/python tests/fuzz/messages.py --seconds $(SECONDS_OF_FUZZING)
	rust/fuzz/run $(SECONDS_OF_FUZZING)

# Targets that need more than a build have a second one that says what is missing: nothing is installed
# behind anyone's back, and CI asks these before it takes a failure for a finding.
.PHONY: fuzz-tools
fuzz-tools:
	@command -v $${CXX:-c++} >/dev/null || { echo "make fuzz: no C++ compiler, which libFuzzer is built with (Debian: apt-get install g++)" >&2; exit 1; }

.PHONY: sanitize ## the codec's tests under AddressSanitizer
sanitize: sanitize-tools
	@# A stable compiler takes -Z by RUSTC_BOOTSTRAP. Optimised, since kernels differ most from their source
	@# then, but not linked as one, which takes longer than the tests. Leaks are no errors of memory, and to
	@# look for them needs a right (ptrace) that containers withhold.
	RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address ASAN_OPTIONS=detect_leaks=0 \
	CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true \
	cargo test --release --locked --package trunkline-codec --tests --target $(HOST) --target-dir target/sanitize

.PHONY: sanitize-tools
sanitize-tools:
	@ls $$(rustc --print target-libdir)/librustc*_rt.asan.a >/dev/null 2>&1 || { echo "make sanitize: this Rust toolchain has no AddressSanitizer; rustup's have it for Linux on x86-64 and aarch64 (https://rustup.rs)" >&2; exit 1; }

.PHONY: neon    ## the codec's tests on an emulated aarch64
neon: neon-tools
	@# musl and Rust's own linker, so that no C toolchain for the other machine is needed.
	CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
	CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUSTFLAGS="-C linker-flavor=ld.lld" \
	CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER=qemu-aarch64 \
	cargo test --release --locked --package trunkline-codec --tests --target $(NEON_TARGET)

.PHONY: neon-tools
neon-tools:
	@command -v qemu-aarch64 >/dev/null || { echo "make neon: no qemu-aarch64 (Debian: apt-get install qemu-user)" >&2; exit 1; }
	@ls $$(rustc --print target-libdir --target $(NEON_TARGET))/libstd-*.rlib >/dev/null 2>&1 || { echo "make neon: no standard library for $(NEON_TARGET) (rustup target add $(NEON_TARGET))" >&2; exit 1; }
	@test -x $$(rustc --print sysroot)/lib/rustlib/$(HOST)/bin/rust-lld || { echo "make neon: this Rust toolchain has no rust-lld; rustup's have it (https://rustup.rs)" >&2; exit 1; }

.PHONY: laws    ## random lives of a line against its invariants (STEPS=60000)
laws: build
	TRUNKLINE_RULE_STEPS=$(or $(STEPS),60000) $(BIN)/python -m pytest tests/protocol/test_laws.py -q -s

.PHONY: soak    ## simulated hours of lines under faults, judged from outside (HOURS=500 SEED=1 PROFILE=swarm)
soak: build
	$(BIN)/trunkline soak --hours $(or $(HOURS),500) --seed $(or $(SEED),1) --profile $(or $(PROFILE),swarm) --jobs $(or $(JOBS),2)

.PHONY: planted ## small bugs put into the core one at a time: who finds each, and how soon
planted: build
	$(BIN)/python -m pytest tests/soak/test_planted.py -q -s

.PHONY: virtual ## hours of the whole stack in virtual time (VIRTUAL_HOURS=30)
virtual: build
	TRUNKLINE_VIRTUAL_HOURS=$(or $(VIRTUAL_HOURS),30) $(BIN)/python -m pytest tests/virtual -q -s

.PHONY: gauntlet ## trunkline through every trial of its own gauntlet (2 minutes; JOBS=4)
gauntlet: build
	$(BIN)/trunkline gauntlet --jobs $(or $(JOBS),4) -- $(BIN)/python tests/conformance/gauntlet/trunkline_line.py

.PHONY: gauntlet-peers ## every driver through the gauntlet: the tables of docs/gauntlet.md (network, 20 minutes)
gauntlet-peers: build
	$(BIN)/python tests/conformance/gauntlet/peers.py --jobs $(or $(JOBS),4) --keep build/gauntlet/results

.PHONY: proof   ## what takes minutes: soak, planted bugs, virtual time
proof: soak planted virtual

.PHONY: clients ## the real clients of the protocol on the simulator, pinned: Python and npm (network, 5 minutes)
clients: build
	$(BIN)/python tests/conformance/clients/run.py --keep build/clients/results

.PHONY: adapters ## the adapters' tests with the real openai-agents, pinned, in an environment of its own (network)
adapters: adapters-tools
	PYTHONPATH=python build/gauntlet/openai_agents_line/bin/python -m pytest tests/adapters tests/test_adapters_page.py -q
	PYTHONPATH=python build/gauntlet/openai_agents_line/bin/python -m pytest tests/test_layout.py -q -k adapters

.PHONY: adapters-tools
adapters-tools: build
	@$(BIN)/python tests/conformance/environments.py openai_agents_line build/gauntlet >/dev/null || { echo "make adapters: openai-agents could not be installed (it takes PyPI)" >&2; exit 1; }

.PHONY: docs    ## draw the generated pages
docs: build
	$(BIN)/python docs/draw_lifecycle.py
	$(BIN)/python docs/draw_figures.py

$(SITE_VENV)/.locked: docs/website/requirements.lock
	$(PYTHON) -m venv $(SITE_VENV)
	$(SITE_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: docs-site ## all pages and the reference as a site in build/site (network once, for the generator)
docs-site: build $(SITE_VENV)/.locked
	$(BIN)/python docs/website/assemble.py build/site-source
	@rm -rf build/site && cp docs/website/zensical.toml build/zensical.toml
	$(SITE_VENV)/bin/zensical build --strict --config-file build/zensical.toml
	$(BIN)/python docs/website/links.py build/site

.PHONY: tutorial ## the wheel in a clean environment, and the tutorial typed there word for word (network, 2 minutes)
tutorial: build
	@rm -rf build/tutorial
	MATURIN_PEP517_ARGS=--locked $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir build/tutorial .
	PYTHONPATH=tests $(BIN)/python tests/docs/clean_environment.py build/tutorial/*.whl

.PHONY: figures ## measure what README and the pages show, and draw it (both cores for an hour; FIGURES=render draws, FIGURES=codec takes one)
figures: build
	@# One after the other: they would measure each other.
	@for figure in $(filter-out render,$(FIGURES)); do $(MAKE) --no-print-directory figures-$$figure || exit 1; done
	$(BIN)/python docs/draw_figures.py

.PHONY: figures-codec figures-lines figures-gauntlet
figures-codec: build
	$(BIN)/python benches/codec.py --json docs/figures/codec.json

figures-lines:
	$(MAKE) bench-lines ARGS="--json docs/figures/lines.json"

figures-gauntlet: build
	$(BIN)/python tests/conformance/gauntlet/peers.py --jobs $(or $(JOBS),4) --json docs/figures/gauntlet.json

.PHONY: picture ## draw the README's moving picture from a real run of the demo (librsvg2-bin, fonts-dejavu-core; 1 minute)
picture: build
	$(BIN)/python docs/draw_demo.py

LOCKED := pip compile --quiet --universal --python-version 3.11 --generate-hashes
.PHONY: lock    ## renew the lock files and the bill of materials
lock: $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv $(LOCKED) --group pyproject.toml:site -o docs/website/requirements.lock
	$(BIN)/uv $(LOCKED) --no-emit-package trunkline --all-extras --group dev --group bench pyproject.toml -o requirements-dev.lock
	$(BIN)/uv $(LOCKED) --group release -o requirements-release.lock
	cargo update --workspace
	cargo update --workspace --manifest-path rust/fuzz/Cargo.toml
	$(BIN)/python release/bom.py

.PHONY: clean   ## remove everything that was made
clean:
	rm -rf $(VENV) build dist target .coverage .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	rm -f python/trunkline/_native*.so
