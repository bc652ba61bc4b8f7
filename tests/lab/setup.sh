#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What only the tests need. Each step does nothing where its result is there already; everything but the packages lies in the user's cache.
#   tests/lab/setup.sh [packages|connection|images]...      all of them without an argument
. "$(dirname -- "${BASH_SOURCE[0]}")/../gates/env.sh"

SUITES=(bookworm trixie)
# What --no-install-recommends leaves out: netavark and iptables for the network, catatonit for --init.
PACKAGES=(podman runc netavark iptables catatonit mmdebstrap shellcheck strace openssh-client git)

packages() {
  local missing=() name
  for name in "${PACKAGES[@]}"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ "${#missing[@]}" -eq 0 ] && { say "Packages: all there"; return; }
  [ "$(id -u)" -eq 0 ] || die "packages are missing and this is not root: apt-get install --no-install-recommends ${missing[*]}"
  say "Packages: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# The podman connection plugin, out of the hash-pinned ansible wheel: there is no Galaxy where this must run.
connection() {
  local list=$ROOT/tests/lab/ansible-wheel.txt fresh=$LAB_CACHE/collections.part digest
  digest=$(sha256sum <"$list" | cut -c1-16)
  [ "$(cat "$LAB_COLLECTIONS/.digest" 2>/dev/null)" = "$digest" ] && { say "Connection plugin: there"; return; }
  say "Connection plugin: fetching it"
  rm -rf "$fresh"
  mkdir "$fresh"
  "$VENV/bin/python" -m pip download --quiet --no-deps --only-binary :all: --require-hashes -d "$fresh/wheel" -r "$list"
  "$VENV/bin/python" - "$fresh"/wheel/*.whl "$fresh" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [n for n in wheel.namelist() if n.startswith("ansible_collections/containers/podman/")])
PYTHON
  rm -rf "$fresh/wheel" "$LAB_COLLECTIONS"
  printf '%s\n' "$digest" >"$fresh/.digest"
  mv -T "$fresh" "$LAB_COLLECTIONS"
}

# shellcheck disable=SC2016  # $1 is for mmdebstrap's shell
recipe() {
  printf '%s\n' --variant=minbase --include=openssh-server,python3,sudo,ca-certificates \
    '--dpkgopt=path-exclude=/usr/share/man/*' '--dpkgopt=path-exclude=/usr/share/doc/*' \
    --skip=cleanup/run '--customize-hook=mkdir -p "$1/run/sshd"'
}

# Its label says from which recipe an image is; a name alone would keep an old one for ever.
image() {
  local suite=$1 name=localhost/netdevops-lab:$1 digest archive args
  digest=$({ echo "$suite"; recipe; } | sha256sum | cut -c1-16)
  archive=$LAB_CACHE/images/$suite-$digest.tar.gz
  [ "$(podman image inspect --format '{{ index .Labels "recipe" }}' "$name" 2>/dev/null)" = "$digest" ] && { say "Image $name: there"; return; }
  if [ ! -s "$archive" ]; then
    say "Image $name: building it, a minute"
    mapfile -t args < <(recipe)
    rm -f "$LAB_CACHE/images/$suite"-*
    mmdebstrap --quiet "${args[@]}" "$suite" "$archive.part.tar.gz"
    mv "$archive.part.tar.gz" "$archive"
  fi
  podman image rm "$name" >/dev/null 2>&1 || true # an older recipe's; one in use stays
  podman import --quiet --change 'CMD ["sleep","infinity"]' --change "LABEL recipe=$digest" "$archive" "$name" >/dev/null
  say "Image $name: made"
}

# Both at once: each is bound by one core and by its downloads.
images() {
  local suite job jobs=()
  mkdir -p "$LAB_CACHE/images"
  need podman mmdebstrap
  for suite in "${SUITES[@]}"; do image "$suite" & jobs+=($!); done
  for job in "${jobs[@]}"; do wait "$job" || die "an image could not be made"; done
}

mkdir -p "$LAB_CACHE"
exec 8>"$LAB_CACHE/setup.lock"
flock 8
for step in "${@:-}"; do
  case $step in
    packages | connection | images) "$step" ;;
    '') packages; connection; images ;;
    *) die "unknown step $step: packages, connection or images" ;;
  esac
done
