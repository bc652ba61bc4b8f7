#!/usr/bin/env bash
# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The networks without a way out: "air" for hosts that are reached over SSH, "mirror" for builds that fetch from this machine.
#   tests/lab/network.sh create [mirror]     10.91.0.0/24, this machine is 10.91.0.1 (mirror: 10.91.1); nothing to do where it is there
#   tests/lab/network.sh destroy [mirror]    keeps it while a container still uses it
# Who asks for no address gets one from the upper half: the lower one is for hosts with fixed addresses.
# Without --disable-dns names leak out; without --gateway this machine cannot reach the hosts.
. "$(dirname -- "${BASH_SOURCE[0]}")/../gates/env.sh"

NAME=${2:-air}
case $NAME in
  air) SUBNET=10.91.0 ;;
  mirror) SUBNET=10.91.1 ;;
  *) die "unknown network $NAME: air or mirror" ;;
esac
need podman

create() {
  podman network exists "$NAME" && return
  podman network create --internal --disable-dns "--subnet=$SUBNET.0/24" "--ip-range=$SUBNET.128/25" "--gateway=$SUBNET.1" "$NAME" >/dev/null || podman network exists "$NAME"
}

destroy() {
  podman network exists "$NAME" || return 0
  podman network rm "$NAME" >/dev/null 2>&1 || say "Network $NAME stays: a container uses it"
}

case ${1-} in
  create | destroy) "$1" ;;
  *) die "usage: $0 create|destroy [air|mirror]" ;;
esac
