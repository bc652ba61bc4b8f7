#!/bin/sh
# What there is of a checkout: one line for each thing, its kind first. It changes nothing but, where it fetches, what git knows of its remote.
#   look.sh FOLDER [update VERSION fetch|no | remove]
# With update, what git would lose on its way to the version; with remove, all that is nowhere else.
export LC_ALL=C GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0

say() { [ -z "$2" ] || printf '%s\n' "$2" | sed "s/^/$1 /"; }

if [ ! -e "$1" ] && [ ! -L "$1" ]; then exit 0; fi
cd -- "$1" || exit 1
echo there yes
[ ! -f .python-version ] || sed -n 's/#.*//; s/[[:space:]]//g; /./ { s/^/pin /; p; q; }' .python-version
say commit "$(git rev-parse --verify --quiet HEAD 2>/dev/null)"
[ -n "${2-}" ] && [ -e .git ] || exit 0
echo git yes

if [ "$2" = remove ]; then
  # The environment is not the repository's, whether it is ignored there or not.
  found=$(git status --porcelain --untracked-files=normal -- . ':!.venv' ':!.venv.releases') || exit 1
  say change "$found"
  found=$(git stash list) || exit 1
  say stash "$found"
  found=$(git log --format='%h %s' --max-count=20 HEAD --branches --not --remotes --tags) || exit 1
  say local "$found"
  exit 0
fi

found=$(git status --porcelain --untracked-files=no) || exit 1
say change "$found"
# The branch of that name is set to what the remote has of it, whatever it holds.
branch=$(git rev-parse --verify --quiet "refs/heads/$3")
if [ "$(git rev-parse HEAD)" != "$3" ]; then
  found=$(git log --format='%h %s' --max-count=20 HEAD ${branch:+"$branch"} --not --remotes --tags) || exit 1
  say local "$found"
fi
[ "$4" = fetch ] && [ -n "$(git ls-files --others --exclude-standard | head -n 1)" ] || exit 0
git fetch --quiet --tags --force origin || exit 1
target=$(git rev-parse --verify --quiet "refs/remotes/origin/$3^{commit}" || git rev-parse --verify --quiet "$3^{commit}") || exit 0
say blocked "$(git read-tree -n -m -u HEAD "$target" 2>&1 >/dev/null | sed -n '/^error: / { s///; s/[.]*$//; p; }')"
