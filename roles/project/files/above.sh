#!/bin/sh
# Succeeds when nobody but root can change where a path leads: each folder above it is a folder, root's, and closed to others.
#   above.sh PATH
above=$1
while [ "$above" != / ]; do
  above=$(dirname -- "$above")
  [ -n "$(find "$above" -maxdepth 0 -type d -user 0 ! -perm -0002 \( ! -perm -0020 -o -group 0 \))" ] || exit 1
done
