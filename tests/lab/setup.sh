#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What only the tests need. Each step does nothing where its result is there already; everything but the packages lies in the user's cache.
#   tests/lab/setup.sh [packages|connection|schemas|images|sources]...      all of them without an argument
. "$(dirname -- "${BASH_SOURCE[0]}")/../gates/env.sh"

IMAGES=(bookworm trixie builder)
# Hosts that people share have these too. They are images of their own, -shared: what we install on the others needs neither.
SHARED=(bookworm trixie)
OF_PEOPLE=(git python3-pip)
# What compiles a CPython with every module of its standard library.
BUILDER=(gcc make xz-utils patch libssl-dev zlib1g-dev libbz2-dev libreadline-dev libsqlite3-dev libncurses-dev libffi-dev liblzma-dev uuid-dev)
# Debian's original archive is python.org's own, byte for byte: pyenv knows this digest.
SOURCE_URL=http://deb.debian.org/debian/pool/main/p/python3.11/python3.11_3.11.2.orig.tar.gz
SOURCE_FILE=Python-3.11.2.tar.gz
SOURCE_SHA256=2411c74bda5bbcfcddaf4531f66d1adc73f247f529aee981b029513aefdbf849
# What --no-install-recommends leaves out: netavark and iptables for the network, catatonit for --init. The browser is for the audit's page.
PACKAGES=(podman runc netavark iptables catatonit mmdebstrap shellcheck strace openssh-client git chromium chromium-driver)

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

# The podman connection plugin: there is no Galaxy where this must run.
connection() { part_of_wheel "Connection plugin" ansible-wheel.txt "$LAB_COLLECTIONS" ansible_collections/containers/podman/; }

# The official schemas, which bills of materials are held against.
schemas() { part_of_wheel "Schemas of CycloneDX" cyclonedx-wheel.txt "$LAB_CACHE/cyclonedx" cyclonedx/schema/_res/; }

# Unpack of a hash-pinned wheel only what lies below a folder of it.
part_of_wheel() {
  local what=$1 list=$ROOT/tests/lab/$2 folder=$3 inner=$4 fresh=$LAB_CACHE/$2.part digest
  digest=$(sha256sum <"$list" | cut -c1-16)
  [ "$(cat "$folder/.digest" 2>/dev/null)" = "$digest" ] && { say "$what: there"; return; }
  say "$what: fetching"
  rm -rf "$fresh"
  mkdir "$fresh"
  "$VENV/bin/python" -m pip download --quiet --no-deps --only-binary :all: --require-hashes -d "$fresh/wheel" -r "$list"
  "$VENV/bin/python" - "$fresh"/wheel/*.whl "$fresh" "$inner" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith(sys.argv[3])])
PYTHON
  rm -rf "$fresh/wheel" "$folder"
  printf '%s\n' "$digest" >"$fresh/.digest"
  mv -T "$fresh" "$folder"
}

suite_of() { if [ "$1" = builder ]; then echo bookworm; else echo "$1"; fi; }

more_of() { [ "$1" != builder ] || printf ',%s' "${BUILDER[@]}"; }

# shellcheck disable=SC2016  # $1 is for mmdebstrap's shell
recipe() {
  printf '%s\n' --variant=minbase "--include=openssh-server,python3,sudo,ca-certificates$(more_of "$1")" \
    '--dpkgopt=path-exclude=/usr/share/man/*' '--dpkgopt=path-exclude=/usr/share/doc/*' \
    --skip=cleanup/run '--customize-hook=mkdir -p "$1/run/sshd"'
}

# Its label says from which recipe an image is; a name alone would keep an old one for ever.
image() {
  local kind=$1 name=localhost/netdevops-lab:$1 digest archive args
  digest=$({ suite_of "$kind"; recipe "$kind"; } | sha256sum | cut -c1-16)
  archive=$LAB_CACHE/images/$kind-$digest.tar.gz
  [ "$(recipe_of "$kind")" = "$digest" ] && { say "Image $name: there"; return; }
  if [ ! -s "$archive" ]; then
    say "Image $name: building it, a minute"
    mapfile -t args < <(recipe "$kind")
    rm -f "$LAB_CACHE/images/$kind"-*
    mmdebstrap --quiet "${args[@]}" "$(suite_of "$kind")" "$archive.part.tar.gz"
    mv "$archive.part.tar.gz" "$archive"
  fi
  podman image rm "$name" >/dev/null 2>&1 || true # an older recipe's; one in use stays
  podman import --quiet --change 'CMD ["sleep","infinity"]' --change "LABEL recipe=$digest" "$archive" "$name" >/dev/null
  say "Image $name: made"
}

recipe_of() { podman image inspect --format '{{ index .Labels "recipe" }}' "localhost/netdevops-lab:$1" 2>/dev/null; }

# A layer on the plain image, by apt inside of it.
shared_image() {
  local name=localhost/netdevops-lab:$1-shared container=netdevops-lab-$1-shared digest
  digest=$({ recipe_of "$1"; printf '%s\n' "${OF_PEOPLE[@]}"; } | sha256sum | cut -c1-16)
  [ "$(recipe_of "$1-shared")" = "$digest" ] && { say "Image $name: there"; return; }
  say "Image $name: building it"
  podman run --quiet --detach --replace --init --pull=never --network host --name "$container" "localhost/netdevops-lab:$1" >/dev/null
  podman exec --env DEBIAN_FRONTEND=noninteractive "$container" sh -ceu \
    'apt-get update -qq; apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; apt-get clean; rm -rf /var/lib/apt/lists/*' - "${OF_PEOPLE[@]}"
  podman image rm "$name" >/dev/null 2>&1 || true
  podman commit --quiet --change "LABEL recipe=$digest" "$container" "$name" >/dev/null
  podman rm --force --time 0 "$container" >/dev/null
  say "Image $name: made"
}

# All at once: each is bound by one core and by its downloads.
images() {
  mkdir -p "$LAB_CACHE/images"
  need podman mmdebstrap
  at_once image "${IMAGES[@]}"
  at_once shared_image "${SHARED[@]}"
}

at_once() {
  local make=$1 kind job jobs=()
  for kind in "${@:2}"; do "$make" "$kind" & jobs+=($!); done
  for job in "${jobs[@]}"; do wait "$job" || die "an image could not be made"; done
}

# What hosts without a network are given: the source archive of a CPython, and wheels with compiled code for it.
sources() {
  mkdir -p "$LAB_CACHE/sources"
  source_archive
  compiled_wheels
}

# apt-helper checks the digest, and goes the way that apt goes; the machine's own lists are not touched.
source_archive() {
  local file=$LAB_CACHE/sources/$SOURCE_FILE
  [ -s "$file" ] && { say "Source archive: there"; return; }
  say "Source archive: fetching it"
  rm -f "$file.part"
  /usr/lib/apt/apt-helper -qq -o APT::Sandbox::User=root download-file "$SOURCE_URL" "$file.part" "SHA256:$SOURCE_SHA256"
  mv "$file.part" "$file"
}

compiled_wheels() {
  local list=$ROOT/tests/lab/compiled-wheels.txt folder=$LAB_CACHE/sources/wheels digest
  digest=$(sha256sum <"$list" | cut -c1-16)
  [ "$(cat "$folder/.digest" 2>/dev/null)" = "$digest" ] && { say "Compiled wheels: there"; return; }
  say "Compiled wheels: fetching them"
  rm -rf "$folder" "$folder.part"
  "$VENV/bin/python" -m pip download --quiet --no-deps --only-binary :all: --require-hashes -d "$folder.part" \
    --implementation cp --python-version 3.11 --abi cp311 --abi none --platform "manylinux2014_$(uname -m)" --platform any -r "$list"
  printf '%s\n' "$digest" >"$folder.part/.digest"
  mv -T "$folder.part" "$folder"
}

mkdir -p "$LAB_CACHE"
exec 8>"$LAB_CACHE/setup.lock"
flock 8
for step in "${@:-}"; do
  case $step in
    packages | connection | schemas | images | sources) "$step" ;;
    '') packages; connection; schemas; images; sources ;;
    *) die "unknown step $step: packages, connection, schemas, images or sources" ;;
  esac
done
