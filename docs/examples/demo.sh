#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# make demo: from the example project to a running environment on this machine, with the two playbooks, twice.
# Everything that it makes lies in .cache/demo, but for what the build keeps in the user's cache.
. "$(dirname -- "${BASH_SOURCE[0]}")/../../tests/gates/env.sh"

DEMO=$ROOT/.cache/demo
PROJECT=$ROOT/docs/examples/netcheck
INVENTORY=$DEMO/inventory/hosts.yml
BUNDLE=$DEMO/bundles/netcheck
ENVIRONMENT=$DEMO/opt/netcheck/.venv

# The interpreter is this machine's own, so it is only named. To list it in pyenv_interpreters would leave a receipt in its folder.
write_inventory() {
  local python=$1
  mkdir -p "$(dirname "$INVENTORY")"
  cat >"$INVENTORY" <<YAML
---
# Written by docs/examples/demo.sh: this machine is the build box and the bastion. docs/examples/inventory shows a real one.
all:
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
    pyenv_facts_path: $DEMO/facts.d/netdevops_python.fact
    wheelhouse_projects:
      - name: netcheck
        project: $PROJECT
        build_constraints: $PROJECT/build-constraints.txt
        bundle: $BUNDLE
        venv: $ENVIRONMENT
        python: $python
        groups: [main, cisco, junos]
        prove:
          imports: [netmiko, napalm, pandas]
          commands:
            - [netcheck]
    # The demo may run in a container; what it installs is meant to be gone with it.
    wheelhouse_allow_container: true
  children:
    build:
      hosts:
        builder:
    bastions:
      hosts:
        bastion:
YAML
}

# A network namespace of its own, with nothing in it but loopback. Root may make one; others where the kernel lets them.
find_namespace() {
  OFFLINE=()
  if unshare --net true 2>/dev/null; then
    OFFLINE=(unshare --net)
  elif unshare --user --map-root-user --net true 2>/dev/null; then
    OFFLINE=(unshare --user --map-root-user --net)
  fi
}

say_network() {
  if [ "${#OFFLINE[@]}" -eq 0 ]; then
    say "This user may not make a network namespace: that the install needs no network is not shown here"
  else
    say "The install runs in a network namespace that has only: $("${OFFLINE[@]}" sed -n 's/^ *\([^:]*\):.*/\1/p' /proc/net/dev | paste -sd' ')"
  fi
}

# ansible-playbook's recap is what an operator looks at, so it is what is checked here.
recap() { sed -nE '/^PLAY RECAP/,$s/^[a-z]+ +: (ok=.*)/\1/p' "$1"; }

play() {
  local pass=$1 playbook=$2 log=$DEMO/$2-$1.log
  shift 2
  "$@" ansible-playbook -i "$INVENTORY" "netdevops.python.$playbook" 2>&1 | tee "$log"
  [ -n "$(recap "$log")" ] || die "$log has no recap"
  [ "$pass" = first ] || ! recap "$log" | grep -v ' changed=0 ' || die "$playbook: expected changed=0 the second time"
}

both_playbooks() {
  say "The $1 time: from poetry.lock to a bundle (netdevops.python.build)"
  play "$1" build
  say "The $1 time: from the bundle to an environment (netdevops.python.site)"
  play "$1" site "${OFFLINE[@]}"
}

what_next() {
  local sources=$ENVIRONMENT/lib/python${1%.*}/site-packages
  cat <<TEXT

The environment   $ENVIRONMENT
  is a link to    $(readlink "$ENVIRONMENT")
The bundle        $BUNDLE
  has the id      $(sha256sum <"$BUNDLE/bundle.json" | cut -c1-64)
The inventory     $INVENTORY
Together          $SECONDS s

To try next: edit an installed file; check mode names it, and a run puts it right.
  . .venv/bin/activate; export ANSIBLE_COLLECTIONS_PATH=$ROOT/.collections
  echo '# by hand' >>$sources/netmiko/utilities.py
  ansible-playbook -i $INVENTORY netdevops.python.site --check --diff
  ansible-playbook -i $INVENTORY netdevops.python.site
Then copy docs/examples/inventory and make it yours; README.md explains it.
TEXT
}

main() {
  local pin python
  pin=$(<"$PROJECT/.python-version")
  python=$("$ROOT/bootstrap.sh" --interpreter "$pin")
  export PYTHONUNBUFFERED=1
  write_inventory "$python"
  find_namespace
  say_network
  say "The first install takes half a minute or more: three quarters of it is compiling bytecode"
  both_playbooks first
  both_playbooks second
  say "Both playbooks ended with changed=0 the second time"
  say "netcheck, from the new environment:"
  "$ENVIRONMENT/bin/netcheck"
  what_next "$pin"
}

main
