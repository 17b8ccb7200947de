#!/usr/bin/env bash
# Puts PostgreSQL 15 and pgvector on a Debian 12 machine. Usage: install-postgres.sh  (as root)
# Can be run again: with both there it does nothing. apt may bring a PostgreSQL 15 that is there up to date with the
# headers it installs. Starts no server and leaves none running.
set -euo pipefail

readonly PG_MAJOR=15
readonly PGVECTOR_VERSION=0.8.0
readonly PGVECTOR_SUITE=trixie # Debian 12 has no pgvector for PostgreSQL 15; the next release has its source
readonly BIN="/usr/lib/postgresql/$PG_MAJOR/bin"
readonly CONTROL="/usr/share/postgresql/$PG_MAJOR/extension/vector.control"

fail() {
  echo "install-postgres: $1" >&2
  exit 1
}

# Takes: words. Runs apt-get without questions, its output kept out of sight unless it fails.
apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >"$work/apt.log" 2>&1 ||
    { tail -n 20 "$work/apt.log" >&2 && fail "apt-get $* failed."; }
}

# Gives: the pgvector that the server finds, empty when there is none.
installed_pgvector() {
  [[ ! -x $BIN/initdb || ! -f $CONTROL ]] || sed -n "s/^default_version = '\(.*\)'/\1/p" "$CONTROL"
}

# A newer one than ours is as good.
has_pgvector() {
  local found
  found=$(installed_pgvector)
  [[ -n $found ]] && printf '%s\n' "$PGVECTOR_VERSION" "$found" | sort -VC
}

# Debian's package makes and starts a cluster on port 5432 as it is installed; this drop-in says no.
install_server() {
  local dropin=/etc/postgresql-common/createcluster.d/triagem-ci.conf
  mkdir -p "${dropin%/*}"
  echo 'create_main_cluster = false' >"$dropin"
  apt update
  apt install --no-install-recommends "postgresql-$PG_MAJOR" "postgresql-server-dev-$PG_MAJOR" \
    build-essential dpkg-dev
  rm -f "$dropin"
  rmdir --ignore-fail-on-non-empty "${dropin%/*}"
}

# Gives: the address this machine has Debian itself from, whichever format its sources are in.
debian_archive() {
  # shellcheck disable=SC2016 # the dollars are apt-get's
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $VERSION_CODENAME" \
    'Origin: Debian' 'Component: main' | head -n 1
}

# apt with a sources file, lists and cache of its own, so that the machine's stay untouched.
fetch_pgvector() {
  local archive
  archive=$(debian_archive)
  [[ -n $archive ]] || fail "found no Debian archive among this machine's apt sources."
  echo "deb-src $archive $PGVECTOR_SUITE main" >"$work/sources.list"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  local own=(-o "Dir::Etc::SourceList=$work/sources.list" -o 'Dir::Etc::SourceParts=-'
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o 'APT::Sandbox::User=root')
  apt "${own[@]}" update
  cd "$work"
  apt "${own[@]}" --only-source source pgvector
}

build_pgvector() {
  cd "$work"/pgvector-"$PGVECTOR_VERSION"*/ || fail "the archive holds another pgvector than $PGVECTOR_VERSION."
  # OPTFLAGS empty: no -march=native, so the result also runs where an image of this machine is moved to.
  local options=(-s OPTFLAGS='' with_llvm=no PG_CONFIG="$BIN/pg_config")
  { make "${options[@]}" && make "${options[@]}" install; } >"$work/make.log" 2>&1 ||
    { tail -n 20 "$work/make.log" >&2 && fail 'pgvector did not build.'; }
}

if has_pgvector; then
  echo "PostgreSQL $PG_MAJOR with pgvector $(installed_pgvector) is already there."
  exit 0
fi
# shellcheck source=/dev/null
[[ -r /etc/os-release ]] && . /etc/os-release
[[ ${ID:-} == debian && ${VERSION_CODENAME:-} == bookworm ]] ||
  fail "this needs Debian 12 (here: ${PRETTY_NAME:-unknown}); install PostgreSQL $PG_MAJOR and pgvector yourself."
[[ $(id -u) -eq 0 ]] || fail "this needs root, to install Debian packages."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
install_server
(fetch_pgvector)
(build_pgvector)
has_pgvector || fail "pgvector $PGVECTOR_VERSION is not where PostgreSQL $PG_MAJOR looks for it."
echo "PostgreSQL $PG_MAJOR with pgvector $PGVECTOR_VERSION is installed."
