#!/usr/bin/env bash
# Installs what the tests need, on Debian and Ubuntu; elsewhere it lists what is missing and gives up.
# install.sh [soak]: the long tests need some more.
# No system service is started: the tests run servers of their own (services.sh).
set -euo pipefail

have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
have_postgres() { have postgres || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
have_chromium() { have chromium || have chromium-browser || have google-chrome; }
have_cjk_font() { have fc-list && [ -n "$(fc-list :lang=zh-cn family)" ]; }

missing=() packages=()
need() { # need CHECK WHAT PACKAGE...
  local check=$1 what=$2
  shift 2
  if ! $check; then
    missing+=("$what")
    packages+=("$@")
  fi
}
need have_postgres 'PostgreSQL 15 or newer' postgresql
need 'have nats-server' 'nats-server' nats-server
need have_chromium 'Chromium' chromium
need have_cjk_font 'a Chinese font (Noto Sans CJK)' fontconfig fonts-noto-cjk
need 'have systemd-analyze' 'systemd-analyze' systemd
need 'have npm' 'Node.js with npm' nodejs npm
need 'have php' 'PHP (php-cli)' php-cli
need 'have java' 'Java (a JDK, headless)' default-jdk-headless
need 'have python3' 'Python 3' python3
need 'have curl' 'curl' curl ca-certificates
need 'have openssl' 'openssl' openssl
need 'have sslscan' 'sslscan' sslscan
need 'have pebble' 'pebble (the test server of ACME)' pebble
need 'have nginx' 'nginx' nginx-light
need 'have caddy' 'Caddy' caddy
need 'have dovecot' 'Dovecot (its IMAP server)' dovecot-imapd
need 'have postfix' 'Postfix' postfix
need 'test -x /usr/lib/dovecot/lmtp' "Dovecot's delivery (LMTP)" dovecot-lmtpd
need 'have gcc' 'gcc (for the race detector)' gcc libc6-dev
[ "${1:-}" != soak ] || need 'have debootstrap' 'debootstrap' debootstrap
# Chromium without its windows makes the tests quicker where the system has it; without it they take Chromium itself.
lacks_shell() {
  ! have chromium-headless-shell && ! have chrome-headless-shell && have apt-cache &&
    LC_ALL=C apt-cache policy chromium-headless-shell 2>/dev/null | grep -q 'Candidate: [0-9]'
}
[ ${#missing[@]} -gt 0 ] || lacks_shell || exit 0

if ! have apt-get; then
  echo 'The tests need these programs, which only Debian and Ubuntu get installed by themselves:' >&2
  printf '  %s\n' "${missing[@]}" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  have sudo || [ ${#missing[@]} -gt 0 ] || exit 0
  have sudo || { echo "Not root and no sudo: apt-get install ${packages[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
# RUNLEVEL=1 keeps the packages from starting their services; the timeout waits for another apt to end.
apt() {
  "${as_root[@]}" env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=600 -qq -y "$@" </dev/null >&2
}
echo "installing ${packages[*]:-a lighter Chromium}" >&2
apt update
# Postfix is started by the tests only, each with a configuration of its own: the machine's mail stays as it is.
case " ${packages[*]:-} " in
  *' postfix '*) echo 'postfix postfix/main_mailer_type select No configuration' | "${as_root[@]}" debconf-set-selections ;;
esac
[ ${#packages[@]} -eq 0 ] || apt --no-install-recommends install "${packages[@]}"
if lacks_shell; then apt --no-install-recommends install chromium-headless-shell || true; fi
