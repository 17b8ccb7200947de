#!/usr/bin/env bash
# Temporal's own server with PostgreSQL persistence on the loopback, as in the cluster form, for nightly checks and
# benches. The first start builds the server from Go modules (3 minutes and more, kept in a cache folder).
#   temporal-postgres.sh start DIR DATABASE_URL PORT   makes DIR (must not exist or be empty), prints the address
#   temporal-postgres.sh stop DIR                      ends exactly that server and removes DIR
# DATABASE_URL is a superuser's (postgres.sh prints one); databases `temporal` and `temporal_visibility` are made
# beside the one it names. PORT to PORT+9 are used, 32767 at most: Temporal keeps them in a smallint. Needs `go` for the
# build, and Temporal's command line: TEMPORAL_CLI, or `temporal` on PATH. The server goes on running after start; whoever starts it stops it.
set -euo pipefail

readonly VERSION=1.31.2
readonly NAMESPACE=default
CACHE=$(realpath -m -- "${XDG_CACHE_HOME:-$HOME/.cache}/triagem/temporal-server-$VERSION")
readonly CACHE
readonly CLI="${TEMPORAL_CLI:-temporal}"
readonly USAGE='temporal-postgres.sh start DIR DATABASE_URL PORT | stop DIR'
root=$(cd "$(dirname "$0")/.." && pwd)

fail() {
  echo "temporal-postgres: $1" >&2
  exit 1
}

build() {
  [[ ! -x $CACHE/server || ! -x $CACHE/sql ]] || return 0
  command -v go >/dev/null || fail 'building the server needs Go.'
  echo "Building Temporal $VERSION; this takes some minutes." >&2
  # Both appear in the cache only when both are whole. Outside our folder, so that no go.mod or flag of it counts.
  local made
  mkdir -p "$CACHE"
  made=$(mktemp -d -p "$CACHE")
  (cd "$made" && GOBIN="$made" nice go install \
    "go.temporal.io/server/cmd/server@v$VERSION" "go.temporal.io/server/cmd/tools/sql@v$VERSION") >&2
  mv "$made/sql" "$made/server" "$CACHE/"
  rmdir "$made"
}

# Sets user, password, host, db_port from a URL such as postgres.sh prints.
parse_url() {
  [[ $1 =~ ^postgres(ql)?://([^:/@]+):([^:/@]+)@([^:/@]+):([0-9]+)/([^/?]+)$ ]] ||
    fail 'DATABASE_URL must be postgres://user:password@host:port/name, with nothing to decode in it.'
  user=${BASH_REMATCH[2]} password=${BASH_REMATCH[3]} host=${BASH_REMATCH[4]} db_port=${BASH_REMATCH[5]}
}

# Takes: a database, the name of its schema among those the tool carries.
prepare_database() {
  local -x SQL_PASSWORD=$password
  local sql=("$CACHE/sql" --plugin postgres12 --ep "$host" -p "$db_port" -u "$user" --db "$1")
  [[ -n $(psql "$url" -XtAc "select 1 from pg_database where datname = '$1'") ]] || "${sql[@]}" create
  "${sql[@]}" setup-schema -v 0.0
  "${sql[@]}" update-schema --schema-name "$2"
}

launch() {
  # setsid: a Ctrl-C in the terminal of whoever started us is not for the server.
  env DB=postgres12 DB_PORT="$db_port" POSTGRES_SEEDS="$host" POSTGRES_USER="$user" POSTGRES_PWD="$password" \
    DBNAME=temporal VISIBILITY_DBNAME=temporal_visibility NUM_HISTORY_SHARDS=4 SQL_MAX_CONNS=10 SQL_VIS_MAX_CONNS=5 \
    SQL_MAX_IDLE_CONNS=10 SQL_VIS_MAX_IDLE_CONNS=5 BIND_ON_IP=127.0.0.1 LOG_LEVEL=warn \
    DYNAMIC_CONFIG_FILE_PATH="$root/docker/temporal-dynamic-config.yaml" \
    FRONTEND_GRPC_PORT="$port" FRONTEND_HTTP_PORT=$((port + 1)) \
    FRONTEND_MEMBERSHIP_PORT=$((port + 2)) HISTORY_GRPC_PORT=$((port + 3)) HISTORY_MEMBERSHIP_PORT=$((port + 4)) \
    MATCHING_GRPC_PORT=$((port + 5)) MATCHING_MEMBERSHIP_PORT=$((port + 6)) \
    WORKER_GRPC_PORT=$((port + 7)) WORKER_MEMBERSHIP_PORT=$((port + 8)) \
    setsid "$CACHE/server" --allow-no-auth start >"$dir/server.log" 2>&1 </dev/null &
  echo $! >"$dir/pid"
  local deadline=$((SECONDS + 10))
  until is_running || ((SECONDS >= deadline)); do sleep 0.1; done # env and setsid come before it in that process
}

# The server that DIR/pid names, and no other process that may have got its number since.
is_running() {
  [[ -f $dir/pid && $(readlink "/proc/$(<"$dir/pid")/exe") == "$CACHE/server" ]]
}

# Takes: seconds, then a command. Succeeds as soon as the command does; ends early if the server is gone.
until_succeeds() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >"$dir/cli.log" 2>&1; do
    is_running && ((SECONDS < deadline)) || return 1
    sleep 0.5
  done
}

start() {
  [[ $port =~ ^[0-9]+$ ]] || fail "usage: $USAGE"
  ((port <= 32758)) || fail 'PORT must be 32758 or less.'
  [[ ! -e $dir || -z $(ls -A "$dir") ]] || fail "$dir is not empty."
  command -v psql >/dev/null || fail 'needs psql; .ci/install-postgres.sh brings it.'
  command -v "$CLI" >/dev/null || fail 'needs the command line of Temporal: set TEMPORAL_CLI or put it on PATH.'
  parse_url "$url"
  build
  mkdir -p "$dir"
  chmod 700 "$dir"
  echo 0 >"$dir/pid"
  trap '[[ $? -eq 0 ]] || { tail -n 20 "$dir"/*.log >&2; stop; }' EXIT
  prepare_database temporal postgresql/v12/temporal >"$dir/schema.log" 2>&1
  prepare_database temporal_visibility postgresql/v12/visibility >>"$dir/schema.log" 2>&1
  launch
  local at=(--address "127.0.0.1:$port")
  until_succeeds 60 "$CLI" operator cluster health "${at[@]}"
  "$CLI" operator namespace describe "${at[@]}" -n $NAMESPACE >"$dir/cli.log" 2>&1 ||
    until_succeeds 30 "$CLI" operator namespace create "${at[@]}" --retention 72h -n $NAMESPACE
  # The namespace is there once it answers: the frontend learns of it some seconds after it is written.
  until_succeeds 60 "$CLI" workflow list "${at[@]}" -n $NAMESPACE
  echo "127.0.0.1:$port"
}

stop() {
  [[ -f $dir/pid ]] || return 0
  ! is_running || kill -TERM "$(<"$dir/pid")"
  local deadline=$((SECONDS + 20))
  while is_running; do
    ((SECONDS < deadline)) || kill -KILL "$(<"$dir/pid")"
    sleep 0.2
  done
  rm -rf "$dir"
}

[[ $# -ge 2 ]] || fail "usage: $USAGE"
dir=$(realpath -m -- "$2")
url=${3:-} port=${4:-}
case $1 in
  start) start ;;
  stop) stop ;;
  *) fail "usage: $USAGE" ;;
esac
