# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON ?= python3
HOSTS ?= 6
NAMES ?=
PORT ?= 0
ADDRESS ?= localhost
LISTEN ?= 127.0.0.1
LIKE ?=
CHAOS ?=
WITNESS ?=
LOCKS ?=

run = $(PYTHON) tests/tools/bootstrap.py
dev = $(PYTHON) tests/tools/bootstrap.py --dev
python = build/venv/bin/python
gates = @$(dev) && $(python) tests/tools/gates.py
one_gate = contract importer certification reuse fragments unit coverage hosts sanity units hostile plays awx browser molecule chaos-short oldest newest matrix rulebook

.PHONY: help demo simulator test lint $(one_gate) witness chaos bench model mutants site locks release-check release clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18
	@echo 'one gate alone:   $(one_gate)'

demo:  ## set up a fleet on the simulator, twice: make demo HOSTS=6
	@$(run) && $(python) tests/demo/run.py --hosts $(HOSTS)

simulator:  ## keep a simulated tenant and hosts running: make simulator HOSTS=6 PORT=8443 NAMES=graph.example ADDRESS=vm.example LISTEN=0.0.0.0
	@$(run) >&2 && cd tests && exec ../$(python) -m simulator --hosts "$(HOSTS)" --port "$(PORT)" --names "$(NAMES)" \
		--address "$(ADDRESS)" --listen "$(LISTEN)" --like "$(if $(LIKE),$(abspath $(LIKE)))"

test:  ## every gate, with a closing table
	$(gates)

lint:  ## ruff, yamllint, shellcheck, ansible-lint, build and documentation
	$(gates) ruff yamllint shellcheck ansible-lint artifact

$(one_gate):
	$(gates) $@

witness:  ## clients of Azure on the simulated tenant, under Microsoft's own names: make witness WITNESS=--record
	@$(dev) && $(python) tests/witness/run.py $(WITNESS)

chaos:  ## kill and spoil set-up and rotation at every request: make chaos CHAOS="--resume --minutes 30"
	@$(dev) && cd tests && ../$(python) -m chaos $(CHAOS)

bench:  ## what a fleet costs beside uri tasks: make bench BENCH="--hosts 200 500 --only collection --repeat 1"
	@$(run) && $(python) tests/bench/run.py $(BENCH)

model:  ## check the protocol of a new secret exhaustively with spin: make model MODEL="--slow"
	@$(PYTHON) tests/model/run.py $(MODEL)

mutants:  ## errors put into the code, that tests have to notice: make mutants MUTANTS="--sample 200 --minutes 60"
	@$(dev) && $(python) tests/tools/mutants.py $(MUTANTS)

site:  ## build the documentation site in build/site/html
	@$(run) && $(python) tests/tools/docsite.py

release-check:  ## whether a release may be tagged: version, changelog, site, artifact, import, demo, upgrade
	$(gates) release-check

release: release-check  ## tag the version of galaxy.yml, when the check passes
	@$(python) tests/tools/release.py

locks:  ## what the requirement files come to, with hashes, for each Python: make locks LOCKS=--fresh
	@$(PYTHON) tests/tools/locks.py $(LOCKS)

clean:  ## remove everything that was made
	@$(PYTHON) tests/tools/tree.py
