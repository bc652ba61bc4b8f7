#!/bin/sh
# What there is of a checkout: one line for each thing, its kind first. It changes nothing but, where it fetches, what git knows of its remote.
#   look.sh FOLDER [update VERSION fetch|no | remove]
# With update, what git would lose on its way to the version; with remove, all that is nowhere else.
export LC_ALL=C GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0

say() { [ -z "$2" ] || printf '%s\n' "$2" | while IFS= read -r line; do printf '%s %s\n' "$1" "$line"; done; }
# Settings of a repository neither hide anything here nor start a program.
git() { command git -c core.fsmonitor=false -c core.untrackedCache=false -c log.showSignature=false "$@"; }
# A name with a line break in it is told with a question mark.
lines() { tr '\n\000' '?\n'; }

# git does what a repository's settings say, so in other people's it would work for them with our rights.
is_own() {
  for one in . .git; do
    [ ! -e "$one" ] || [ -O "$one" ] || { say foreign "$(stat -c '%U' "$one")"; return 1; }
  done
}

# changes no|normal [IN]: tracked files that differ, and untracked ones if they are asked for. The environment is not the repository's.
changes() {
  # The folder above may be a repository as well: it must not speak for one that is broken.
  GIT_CEILING_DIRECTORIES=$(dirname -- "$(pwd -P)")
  export GIT_CEILING_DIRECTORIES
  found=$(git status --porcelain --untracked-files="$1" --ignore-submodules=none -- . ':!.venv' ':!.venv.releases') || exit 1
  say "change${2-}" "$found"
  # Where somebody told git not to look: skip-worktree (S) and assume-unchanged (a small letter). A sparse checkout has no file there.
  git ls-files -v -z | lines | sed -n '/^[[:lower:]S] /p' | while IFS= read -r file; do
    file=${file#? }
    [ -e "$file" ] || [ -L "$file" ] || continue
    [ "$(git hash-object -- "$file" 2>/dev/null)" = "$(git rev-parse --verify --quiet ":$file")" ] || say "change${2-} hidden" "$file"
  done
}

# commits IN [OPTION]...: what no remote has. A tag may be here alone, so the remote itself is asked for its tags.
commits() {
  where=$1
  shift
  found=$(git "$@" stash list) || exit 1
  say "stash$where" "$found"
  head=$(git "$@" rev-parse --verify --quiet HEAD)
  found=$(git "$@" log --format='%h %s' --max-count=20 ${head:+"$head"} --branches --tags --not --remotes) || exit 1
  [ -n "$found" ] || return 0
  found=$(git "$@" ls-remote --tags origin 2>/dev/null </dev/null | sed -n 's/^\([0-9a-f]\{40,\}\).*/^\1/p' |
    git "$@" log --stdin --ignore-missing --format='%h %s' --max-count=20 ${head:+"$head"} --branches --tags --not --remotes) || exit 1
  say "local$where" "$found"
}

# Further repositories inside, whether they are submodules, ignored or neither.
inside() {
  find . \( -path ./.git -o -path ./.venv -o -path ./.venv.releases \) -prune -o -name .git -print -prune | while IFS= read -r folder; do
    folder=${folder#./}
    folder=${folder%/.git}
    (
      cd -- "$folder" || exit 1
      is_own || exit 0
      changes normal " in $folder:"
      [ ! -d .git ] || commits " in $folder:"
    ) </dev/null || exit 1
  done || exit 1
  # What submodules have committed is here, also of those whose folder is gone.
  [ -d .git/modules ] || return 0
  find .git/modules -type d -name objects -prune | while IFS= read -r folder; do
    folder=${folder%/objects}
    [ ! -f "$folder/HEAD" ] || (commits " in ${folder#.git/}:" --git-dir="$folder" --work-tree=.) </dev/null || exit 1
  done || exit 1
}

# What is not tracked, ignored or not, where the commit $1 has a file that HEAD has not.
in_the_way() {
  git diff-tree -r -z --name-only --no-renames --diff-filter=A HEAD "$1" | lines | while IFS= read -r file; do
    above=$file
    while [ "$above" != "${above%/*}" ]; do
      above=${above%/*}
      if [ -L "$above" ] || { [ -e "$above" ] && [ ! -d "$above" ]; }; then file=$above; fi
    done
    [ -e "$file" ] || [ -L "$file" ] || continue
    if [ -d "$file" ] && [ ! -L "$file" ]; then
      [ -z "$(git ls-files --others -- ":(literal)$file" | head -n 1)" ] || say blocked "$file/"
    elif [ -z "$(git ls-files -- ":(literal)$file")" ]; then
      say blocked "$file"
    fi
  done | sort -u
}

if [ ! -e "$1" ] && [ ! -L "$1" ]; then exit 0; fi
cd -- "$1" || exit 1
echo there yes
if [ "${2-}" = remove ] && [ -L "$1" ]; then say link "$(readlink -- "$1")"; exit 0; fi
is_own || exit 0
[ ! -f .python-version ] || sed -n 's/#.*//; s/[[:space:]]//g; /./ { s/^/pin /; p; q; }' .python-version
[ -e .git ] || exit 0
say commit "$(GIT_CEILING_DIRECTORIES=$(dirname -- "$(pwd -P)") git rev-parse --verify --quiet HEAD 2>/dev/null)"
[ -n "${2-}" ] || exit 0
echo git yes

if [ "$2" = remove ]; then
  changes normal
  commits ''
  found=$(git worktree list --porcelain) || exit 1
  say worktree "$(printf '%s\n' "$found" | sed -n 's/^worktree //p' | sed 1d)"
  inside
  exit 0
fi

changes no
# The branch of that name is set to what the remote has of it, whatever it holds.
branch=$(git rev-parse --verify --quiet "refs/heads/$3")
if [ "$(git rev-parse HEAD)" != "$3" ]; then
  found=$(git log --format='%h %s' --max-count=20 HEAD ${branch:+"$branch"} --not --remotes --tags) || exit 1
  say local "$found"
fi
[ "$4" = fetch ] || exit 0
# Only where something could be in the way: what people's tools leave everywhere is no reason to ask the remote.
git ls-files --others --directory | grep -Ev '^\.venv(\.releases)?/?$|(^|/)__pycache__/$' | grep -q . || exit 0
git fetch --quiet --tags --force origin || exit 1
target=$(git rev-parse --verify --quiet "refs/remotes/origin/$3^{commit}" || git rev-parse --verify --quiet "$3^{commit}") || exit 0
in_the_way "$target"
