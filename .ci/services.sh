# Sourced by test.sh. Starts PostgreSQL and nats-server on free ports in a temporary folder, tells the tests where they
# are, and stops everything when the script ends, however it ends.

work=$(mktemp -d "${TMPDIR:-/tmp}/huiyin-test.XXXXXX")
chmod 711 "$work" # PostgreSQL runs as a user of its own and must get through
nats_pid='' postgres_dir='' memory=''

as_postgres() { # the server refuses to run as root
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

stop_services() {
  local code=$?
  trap - EXIT INT TERM
  [ -z "$nats_pid" ] || kill "$nats_pid" 2>/dev/null || true
  [ -z "$postgres_dir" ] || as_postgres "$pg_bin/pg_ctl" -D "$postgres_dir" -m immediate -s stop >/dev/null 2>&1 || true
  wait 2>/dev/null || true
  rm -rf "$work" ${memory:+"$memory"}
  exit "$code"
}
trap stop_services EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 12000))
    listening "$port" || { echo "$port"; return; }
  done
  echo 'no free port found' >&2
  return 1
}

start_postgres() {
  if command -v postgres >/dev/null 2>&1; then
    pg_bin=$(dirname "$(command -v postgres)")
  else
    pg_bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1)
  fi
  local dir=$work/postgres port
  if [ -w /dev/shm ] && [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt $((4 << 20)) ]; then # each test has a database of a thousand small files
    memory=$(mktemp -d /dev/shm/huiyin-test.XXXXXX)
    chmod 711 "$memory"
    dir=$memory/postgres
  fi
  mkdir "$dir"
  [ "$(id -u)" -ne 0 ] || chown postgres "$dir"
  (cd "$work" && as_postgres "$pg_bin/initdb" -D "$dir/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 -N) >"$work/postgres.log" 2>&1 ||
    { cat "$work/postgres.log" >&2; return 1; }
  # fsync off: the tests kill Huiyin, never the machine, so what PostgreSQL handed to the kernel stays.
  for _ in 1 2 3; do # somebody may take the port in between
    port=$(free_port)
    if (cd "$work" && as_postgres "$pg_bin/pg_ctl" -D "$dir/data" -l "$dir/log" -s -w -t 60 -o \
      "-p $port -h 127.0.0.1 -k '' -c fsync=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=128MB -c max_wal_size=256MB" start); then
      postgres_dir=$dir/data
      export HUIYIN_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres?sslmode=disable"
      return
    fi
  done
  cat "$dir/log" >&2
  return 1
}

start_nats() {
  local port
  for _ in 1 2 3; do
    port=$(free_port)
    nats-server -a 127.0.0.1 -p "$port" >"$work/nats.log" 2>&1 &
    nats_pid=$!
    for _ in $(seq 100); do
      if ! kill -0 "$nats_pid" 2>/dev/null; then break; fi
      if listening "$port"; then
        export HUIYIN_TEST_NATS="nats://127.0.0.1:$port"
        return
      fi
      sleep 0.1
    done
  done
  cat "$work/nats.log" >&2
  return 1
}

find_chromium() {
  local name
  for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
      HUIYIN_TEST_CHROMIUM=$(command -v "$name")
      export HUIYIN_TEST_CHROMIUM
      return
    fi
  done
  echo 'no Chromium found' >&2
  return 1
}

# The checkers of accessibility and of the OpenAPI document, at the versions of package-lock.json.
install_checkers() {
  mkdir "$work/npm"
  cp package.json package-lock.json "$work/npm/"
  npm --prefix "$work/npm" ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  export HUIYIN_TEST_AXE=$work/npm/node_modules/axe-core/axe.min.js
  export HUIYIN_TEST_OPENAPI_LINT=$work/npm/node_modules/@redocly/cli/bin/cli.js
}

start_services() {
  start_postgres
  start_nats
  find_chromium
  install_checkers
}
