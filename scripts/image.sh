#!/usr/bin/env bash
# Builds the image of the Dockerfile with buildah and tries each role of it, on a Debian machine without a container engine:
#
#   scripts/image.sh            base, build and try
#   scripts/image.sh base       only the base image, from a registry, else from Debian packages and this machine's Node
#   scripts/image.sh build      only the image
#   scripts/image.sh try        only the trial: migrate, worker and serve against servers of this machine
#
# Needs root, and the Debian packages buildah and debootstrap (installed when missing).
set -euo pipefail
cd "$(dirname "$0")/.."

base=$(sed -n 's/^FROM \([^ ]*\).*/\1/p' Dockerfile | head -1)
version=$(node -p 'require("./package.json").version')
image=localhost/axiswatch:$version
# chroot isolation needs neither namespaces nor cgroups; vfs needs no overlay file system.
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=${STORAGE_DRIVER:-vfs}

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*" >&2; }

install_tools() {
  local missing=()
  for tool in buildah debootstrap; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# The image that the Dockerfile names. Without a registry a stand-in is made: the same Debian release, this machine's Node, the user
# `node`. It is only for trying; what is shipped is built on the real one.
make_base() {
  if buildah inspect --type image "docker.io/library/$base" >/dev/null 2>&1; then
    say "base $base is there"
    return
  fi
  if timeout 60 buildah pull -q "docker.io/library/$base" >/dev/null 2>&1; then
    say "base $base was pulled"
    return
  fi
  say "no registry: making a stand-in for $base"
  local root container
  root=$(mktemp -d)
  debootstrap --variant=minbase --include=ca-certificates,libstdc++6 bookworm "$root" >/dev/null
  cp "$(readlink -f "$(command -v node)")" "$root/usr/local/bin/node"
  cp -r "$(dirname "$(readlink -f "$(command -v npm)")")/.." "$root/usr/local/lib/npm"
  ln -s ../lib/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  chroot "$root" useradd --uid 1000 --user-group --create-home --shell /bin/bash node
  # A proxy's certificate authority that this machine trusts must be trusted while npm runs in the image too.
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
  container=$(buildah from scratch)
  buildah add -q "$container" "$root" / >/dev/null
  buildah config --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt --cmd node "$container"
  buildah commit -q --rm "$container" "docker.io/library/$base" >/dev/null
  rm -rf "$root"
  say "base $base is ready: Debian $(cat /etc/debian_version), Node $(node --version)"
}

build_image() {
  say "building $image"
  buildah bud --isolation chroot --format docker --pull-never -t "$image" . >&2
  say "built: $(buildah images --format '{{.Size}}' "$image")"
}

try_roles() {
  local work container worker server port
  work=$(mktemp -d)
  container=$(buildah from --pull-never "$image")
  # shellcheck disable=SC2064
  trap "stop_all '$work' '$container'" EXIT
  say 'starting Postgres and Temporal on this machine'
  mkfifo "$work/hold"
  node scripts/hold-servers.mjs "$work/data" <"$work/hold" >"$work/servers" &
  echo $! >"$work/holder.pid"
  exec 9>"$work/hold" # open until we end, whatever ends us
  until grep -q DATABASE_URL "$work/servers"; do
    kill -0 "$(cat "$work/holder.pid")" || { say 'the servers did not start'; exit 1; }
    read -rt 0.2 <> <(:) || true
  done
  read -ra settings <"$work/servers"
  port=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
  settings+=("AXISWATCH_PORT=$port")

  say "as user: $(in_image id)"
  say "migrate: $(in_image node bin/axiswatch.js migrate)"
  say "migrate again: $(in_image node bin/axiswatch.js migrate)"
  in_image node bin/axiswatch.js worker 2>"$work/worker.log" &
  echo $! >"$work/worker.pid"
  in_image node bin/axiswatch.js serve >"$work/serve.out" 2>"$work/serve.log" &
  echo $! >"$work/serve.pid"
  try_until "$work/worker.log" in_image node bin/axiswatch.js healthcheck --worker
  try_until "$work/serve.log" in_image node bin/axiswatch.js healthcheck
  say "status: $(curl -fsS "http://127.0.0.1:$port/api/v1/status" | cut -c1-300)"
  for role in worker serve; do
    signal_node "$(cat "$work/$role.pid")" TERM
    wait "$(cat "$work/$role.pid")" && say "$role stopped cleanly"
  done
  say 'every role works'
}

in_image() {
  local flags=()
  for setting in "${settings[@]}"; do flags+=(--env "$setting"); done
  buildah run --isolation chroot "${flags[@]}" "$container" -- "$@"
}

# Tries a probe for up to a minute; on failure shows the log of what it asked for.
try_until() {
  local log=$1 answer
  shift
  for _ in $(seq 20); do
    if answer=$("$@" 2>&1); then
      say "healthy: $answer"
      return
    fi
    read -rt 2 <> <(:) || true
  done
  say "not healthy: $answer"
  cat "$log" >&2
  exit 1
}

# Signals the programs of Node below a process: `buildah run` passes no signal on, and their own children are theirs to end.
signal_node() {
  local child
  if [ "$(ps -o comm= -p "$1")" = node ]; then
    kill -s "$2" "$1"
    return
  fi
  for child in $(pgrep -P "$1"); do signal_node "$child" "$2"; done
}

stop_all() {
  exec 9>&-
  [ -f "$1/holder.pid" ] && wait "$(cat "$1/holder.pid")" 2>/dev/null || true
  for role in worker serve; do
    [ -f "$1/$role.pid" ] && signal_node "$(cat "$1/$role.pid")" KILL 2>/dev/null || true
  done
  buildah rm "$2" >/dev/null 2>&1 || true
  rm -rf "$1"
}

install_tools
case ${1:-all} in
  base) make_base ;;
  build) build_image ;;
  try) try_roles ;;
  all)
    make_base
    build_image
    try_roles
    ;;
  *)
    sed -n '2,9p' "$0" >&2
    exit 2
    ;;
esac
