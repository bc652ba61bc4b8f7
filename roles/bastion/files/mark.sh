#!/bin/sh
# Writes down which tools are the role's, so that it takes away those alone: mark.sh TOOLS_PATH CHECK_MODE [NAME]...
# Says `changed` where that differs from before. A name is forgotten when nothing is left of it.
set -eu
tools=$1
check=$2
shift 2
mark=$tools/.bastion-tools

names=$(
  {
    [ "$#" -eq 0 ] || printf '%s\n' "$@"
    if [ -f "$mark" ]; then
      while IFS= read -r name; do
        case $name in
          '' | [!0-9A-Za-z]*) continue ;;
        esac
        if [ -L "$tools/$name/.venv" ] || [ -e "$tools/$name/.venv" ] || [ -e "$tools/$name/.venv.releases" ]; then
          printf '%s\n' "$name"
        elif [ "$check" = no ]; then
          rmdir -- "$tools/$name" 2>/dev/null || :
        fi
      done <"$mark"
    fi
  } | LC_ALL=C sort -u
)
if [ -z "$names" ]; then
  [ -f "$mark" ] || exit 0
  echo changed
  [ "$check" = yes ] || rm -- "$mark"
  exit 0
fi

text="# The tools that role netdevops.python.bastion made here, and takes away.
$names"
[ ! -f "$mark" ] || [ "$(cat -- "$mark")" != "$text" ] || exit 0
echo changed
[ "$check" = no ] || exit 0
umask 022
mkdir -p -- "$tools"
printf '%s\n' "$text" >"$mark.new"
mv -f -- "$mark.new" "$mark"
