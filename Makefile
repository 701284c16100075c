# The commands people type. `make demo` needs nothing but this file, make and a Debian 12 machine.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-gpu lint bench vary faults keyless-world setup clean

demo: .venv/installed ## build a real model twice, prove the bits equal, sign, verify, and write pages about it
	@mkdir -p build/demo
	@$(BIN)/verifier check digits --out build/demo --json build/demo/check.json
	@openssl ecparam -name prime256v1 -genkey -noout -out build/demo/key.pem
	@openssl pkey -in build/demo/key.pem -pubout -out build/demo/key.pub
	@rm -rf build/demo/digits.statements
	@$(BIN)/verifier sign build/demo/digits --key build/demo/key.pem --check build/demo/check.json
	@$(BIN)/verifier verify build/demo/digits --key build/demo/key.pub
	@$(BIN)/verifier report site build/demo/site --verdicts build/demo/check.json --models models --bundles build/demo
	@$(BIN)/verifier report html build/demo/report.html --verdicts build/demo/check.json

test: .venv/installed-dev ## the whole suite, with real Nix and real wheels
	@.ci/clients
	@$(BIN)/python -m pytest

test-gpu: .venv/installed-dev ## two trainings on this machine's GPU, by the torch of PYTHON_WITH_TORCH
	@$(BIN)/python -m pytest tests/gpu

lint: .venv/installed-dev ## style and types of Python and Nix
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python .ci/nixstyle.py flake.nix builder models

bench: .venv/installed-dev ## print the figures that the README quotes
	@$(BIN)/python -m benchmarks

vary: .venv/installed ## all models, in all the surroundings that we know; for the night
	@$(BIN)/verifier check digits kjv-gpt verses --vary all

faults: .venv/installed-dev ## the corpus of planted faults: what catches and explains each
	@$(BIN)/python -m tests.faults

keyless-world: .venv/installed-dev ## a Sigstore of one's own on this machine, to try keyless signing; Ctrl-C ends it
	@$(BIN)/python -m tests.keyless

setup: .venv/installed-dev ## Nix if there is none, and .venv with both commands
	@.ci/clients

.venv/installed: pyproject.toml .ci/setup
	@PYTHON=$(PYTHON) .ci/setup
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

clean: ## remove what was installed here; the Nix store is left alone
	rm -rf .venv result result-*
