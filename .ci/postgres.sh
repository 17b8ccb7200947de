#!/usr/bin/env bash
# A throw-away PostgreSQL 15 on the loopback, for tests and benches; install-postgres.sh comes first.
#   postgres.sh start DIR PORT   makes DIR (must not exist or be empty), starts, prints its DATABASE_URL
#   postgres.sh pause DIR        ends exactly that server and keeps its data
#   postgres.sh resume DIR       starts it again, on its port
#   postgres.sh stop DIR         ends exactly that server and removes DIR
# The server goes on running after start; whoever starts it stops it. Run by root it runs as user postgres.
set -euo pipefail

readonly BIN=/usr/lib/postgresql/15/bin
readonly USAGE='postgres.sh start DIR PORT | pause DIR | resume DIR | stop DIR'

fail() {
  echo "postgres: $1" >&2
  exit 1
}

# PostgreSQL refuses to run as root.
as_owner() {
  if [[ $(id -u) -eq 0 ]]; then runuser -u postgres -- "$@"; else "$@"; fi
}

configure() {
  # No fsync: nothing here outlives a crash. 200 connections: Temporal's four services keep pools of their own.
  as_owner tee -a "$dir/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$dir'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
CONF
}

start() {
  [[ -x $BIN/initdb ]] || fail 'no PostgreSQL 15 here; run .ci/install-postgres.sh first.'
  [[ $port =~ ^[0-9]+$ ]] || fail "usage: $USAGE"
  [[ ${#dir} -le 80 && $dir != *\'* ]] || fail "DIR holds the server's socket: 80 characters at most, no quote."
  [[ ! -e $dir || -z $(ls -A "$dir") ]] || fail "$dir is not empty."
  mkdir -p "$dir"
  chmod 700 "$dir"
  [[ $(id -u) -ne 0 ]] || chown postgres: "$dir"
  trap '[[ $? -eq 0 ]] || stop' EXIT

  local password
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  as_owner tee "$dir/password" <<<"$password" >/dev/null
  as_owner "$BIN/initdb" -D "$dir/data" -U triagem --pwfile="$dir/password" --auth-local=trust \
    --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 ||
    { cat "$dir/initdb.log" >&2 && false; }
  configure
  resume
  as_owner "$BIN/createdb" -h "$dir" -p "$port" -U triagem triagem
  echo "postgres://triagem:$password@127.0.0.1:$port/triagem"
}

resume() {
  as_owner "$BIN/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 start >/dev/null ||
    { cat "$dir/server.log" >&2 && false; }
}

pause() {
  [[ -f $dir/data/postmaster.pid ]] || return 0
  as_owner "$BIN/pg_ctl" -D "$dir/data" -m fast -w -t 20 stop >/dev/null ||
    as_owner "$BIN/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null
}

stop() {
  [[ -e $dir ]] || return 0
  pause
  # Only what start made: nothing else has a cluster and its password side by side.
  [[ ! -f $dir/password ]] || rm -rf "$dir"
}

[[ $# -ge 2 ]] || fail "usage: $USAGE"
dir=$(realpath -m -- "$2")
port=${3:-}
cd / # user postgres may not be allowed to enter the caller's folder
case $1 in
  start) start ;;
  pause) pause ;;
  resume) resume ;;
  stop) stop ;;
  *) fail "usage: $USAGE" ;;
esac
