#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every project that has one: the lock is that of its pyproject.toml, names no index, and has a SHA-256 for every file.
# And the lists exported for pip are what the locks say. Nothing here asks the network.
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
gate locks
need poetry diff
EXAMPLE=docs/examples/netcheck
export POETRY_VIRTUALENVS_CREATE=false POETRY_CACHE_DIR=$WORK/cache PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring

fresh() {
  say "$1: poetry check --lock"
  poetry --no-interaction --no-ansi --directory "$1" check --lock --strict || die "$1/poetry.lock does not fit $1/pyproject.toml: run 'poetry lock' in $1"
}

# A lock with the URL of somebody's mirror is a lock that nobody else can use.
neutral() {
  python - "$1/poetry.lock" <<'PYTHON' || die "$1/poetry.lock is not neutral: lock it again against the public index"
import re
import sys
import tomllib

with open(sys.argv[1], "rb") as stream:
    packages = tomllib.load(stream)["package"]
bad = [f"{package['name']}: comes from {package['source']}" for package in packages if "source" in package]
for package in packages:
    bad += [f"{package['name']}: locked without any file"] * (not package["files"])
    bad += [
        f"{file['file']}: expected file and hash = sha256:<64 hex digits> alone, found {sorted(file)} and {file['hash']}"
        for file in package["files"]
        if file.keys() != {"file", "hash"} or not re.fullmatch("sha256:[0-9a-f]{64}", file["hash"])
    ]
print(*bad, sep="\n", end="\n" if bad else "")
print(f"{len(packages)} packages, {sum(len(package['files']) for package in packages)} files")
sys.exit(bool(bad))
PYTHON
}

exported() {
  local list
  say "The exported lists: what the locks say"
  tests/requirements/export.sh "$WORK"
  for list in tests/requirements/dev.txt "$EXAMPLE/build-constraints.txt"; do
    diff -u "$list" "$WORK/$list" || die "$list is not what its poetry.lock says: run tests/requirements/export.sh"
  done
}

# The newest Poetry that the tests put on hosts is the one that this project is locked with.
same_poetry() {
  local version
  version=$(sed -n 's/^poetry = "\([0-9.]*\)"$/\1/p' pyproject.toml)
  grep -q "^poetry==$version " tests/lab/poetry-2.txt || die "tests/lab/poetry-2.txt: expected poetry $version, as in pyproject.toml; its first lines say how to make it"
}

for project in . "$EXAMPLE" roles/poetry/files; do
  fresh "$project"
  neutral "$project"
done
same_poetry
exported
