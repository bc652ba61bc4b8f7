# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

.DEFAULT_GOAL := help
.PHONY: help bootstrap lab check test molecule interpreters faults demo bench clean

help: ## this list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 20

bootstrap: ## .venv with the pinned tools; does nothing where it is up to date
	@./bootstrap.sh

lab: ## the same, and what the tests need: packages, podman images
	@./bootstrap.sh --lab

check: bootstrap ## lint, types and unit tests: under a minute
	@tests/lab/setup.sh packages
	@NETDEVOPS_QUICK=1 tests/gates/run lint types pytest

test: ## every gate; ends with a table
	@./bootstrap.sh
	@tests/lab/setup.sh packages
	@tests/gates/run

molecule: lab ## every molecule scenario
	@tests/gates/molecule.sh

interpreters: lab ## compile a CPython in each way, and kill 30 installations of each kind
	@NETDEVOPS_FULL=1 tests/gates/interpreter.sh

faults: bootstrap ## kill, starve and damage work on releases at each step and at 200 moments; counts trials and failures
	@tests/lab/setup.sh packages
	@NETDEVOPS_FULL=1 tests/gates/releases.sh tests/system/test_faults_*.py

demo: bootstrap ## build a bundle of the example and install it here, twice
	@bash docs/examples/demo.sh

bench: bootstrap ## what a host costs, beside its peers
	@bash tests/bench/run.sh

clean: ## remove what bootstrap and the gates made in this folder
	@rm -rf .venv .collections .cache .ansible .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis tests/output build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
