# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON ?= python3
HOSTS ?= 6
NAMES ?=
PORT ?= 0

run = $(PYTHON) tests/tools/bootstrap.py
dev = $(PYTHON) tests/tools/bootstrap.py --dev
python = build/venv/bin/python
gates = @$(dev) && $(python) tests/tools/gates.py

.PHONY: help demo simulator test lint contract unit sanity units plays molecule oldest newest:  # one gate alone
	$(gates) $@

# Long runs on demand (chaos, model, bench) have their targets here.

clean:  ## remove everything that was made
	rm -rf build
