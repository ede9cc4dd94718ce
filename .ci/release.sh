#!/usr/bin/env bash
# Builds what is given to people into bin/release: static programs for Linux, their checksums, and what is in them.
# release.sh [ARCH...], amd64 and arm64 when none is named. The same commit gives the same bytes wherever it is built with
# the same Go.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0 GOOS=linux GOFLAGS=-mod=readonly GOWORK=off GOAMD64=v1 GOARM64=v8.0

cyclonedx=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
version=${VERSION:-$(git describe --tags --always --dirty)}
out=${RELEASE_DIR:-bin/release}
[ $# -gt 0 ] || set -- amd64 arm64

rm -rf "$out"
mkdir -p "$out"
for arch in "$@"; do
  GOARCH=$arch go build -trimpath -ldflags "-s -w -buildid= -X main.version=$version" -o "$out/huiyin-linux-$arch" ./cmd/huiyin
done

# The bill of materials (CycloneDX) of the program, as its own build says it; -noserial and -notimestamp keep it the same.
GOOS='' go run "$cyclonedx" bin -json -licenses -std -noserial -notimestamp -version "$version" \
  -output "$out/huiyin.cdx.json" "$out/huiyin-linux-$1" 2>"$out/log" || { cat "$out/log" >&2; exit 1; }
rm -f "$out/log"

cp deploy/huiyin.service deploy/nginx.conf deploy/Caddyfile "$out/"
(cd "$out" && sha256sum -- * >SHA256SUMS)
echo "Huiyin $version in $out:"
(cd "$out" && du -b --apparent-size -- * | awk '{ printf "  %-24s %6.1f MB\n", $2, $1 / 1e6 }')
