#!/bin/sh
# Says what is there: look.sh [FILE FIRST_LINE]... -- [NAME]...
# `ours FILE` where it has that first line, `foreign FILE` where it is anything else, `stranger NAME` of who has no account.
while [ "$1" != -- ]; do
  if [ -f "$1" ] && [ ! -L "$1" ] && IFS= read -r line <"$1" && [ "$line" = "$2" ]; then
    printf 'ours %s\n' "$1"
  elif [ -e "$1" ] || [ -L "$1" ]; then
    printf 'foreign %s\n' "$1"
  fi
  shift 2
done
shift
for name; do
  getent passwd -- "$name" >/dev/null || printf 'stranger %s\n' "$name"
done
