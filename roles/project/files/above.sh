#!/bin/sh
# Runs a command when nobody but root can change where a path leads: each folder above it is a folder, root's, and closed to others.
#   above.sh PATH [COMMAND...]
above=$1
while [ "$above" != / ]; do
  above=$(dirname -- "$above")
  [ -n "$(find "$above" -maxdepth 0 -type d -user 0 ! -perm -0002 \( ! -perm -0020 -o -group 0 \))" ] && continue
  echo "$above: expected a folder that nobody but root can write to, so root touches nothing below it." >&2
  exit 1
done
shift
[ "$#" -eq 0 ] || exec "$@"
