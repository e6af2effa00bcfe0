#!/usr/bin/env bash
# Builds the image without a Docker engine and runs it as it is meant to be run: no root, no
# capabilities, a read-only root filesystem. Needs Debian and root; listens on loopback only.
set -euo pipefail
cd "$(dirname "$0")/.."

# No step may hang: what takes longer than this has failed (the base takes half a minute).
if [ -z "${IMAGE_TEST_BOUNDED:-}" ]; then
    IMAGE_TEST_BOUNDED=yes exec timeout --kill-after=30 "${TIMEOUT_S:-900}" scripts/image_test.sh
fi

base=${BASE:-localhost/python:3.11-slim-bookworm}
image=localhost/opendata-api:test
port=${PORT:-8077}
store=${STORE:-/var/tmp/opendata-api-image}
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
roots=(--root "$store/root" --runroot "$store/run")

if [ "$(id -u)" != 0 ]; then
    echo "make image-test needs root: it installs buildah, podman and mmdebstrap" >&2
    exit 1
fi
tools=(buildah podman runc mmdebstrap ca-certificates)
if ! dpkg --status "${tools[@]}" >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${tools[@]}" >/dev/null
fi

started=$SECONDS
if ! buildah "${roots[@]}" inspect --type image "$base" >/dev/null 2>&1; then
    echo "Making the base $base from Debian's packages"
    tree=$(mktemp -d)
    mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
        bookworm "$tree/base.tar" 2>/dev/null ||
        mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
            bookworm "$tree/base.tar" /etc/apt/sources.list
    container=$(buildah "${roots[@]}" from scratch)
    buildah "${roots[@]}" add --quiet "$container" "$tree/base.tar" / >/dev/null
    buildah "${roots[@]}" run "$container" -- ln -sf python3 /usr/bin/python
    buildah "${roots[@]}" commit --quiet "$container" "$base" >/dev/null
    buildah "${roots[@]}" rm "$container" >/dev/null
    rm -rf "$tree"
fi
echo "base: $((SECONDS - started)) s"

started=$SECONDS
mounts=()
# pip's settings of this machine (a proxy's certificate, say) hold inside the build too.
for file in /etc/pip.conf "${PIP_CERT:-}"; do
    [ -n "$file" ] && [ -f "$file" ] && mounts+=(--volume "$file:$file:ro")
done
buildah "${roots[@]}" build --quiet --format docker --isolation chroot --network host \
    --build-arg BASE="$base" "${mounts[@]}" --tag "$image" . >/dev/null
bytes=$(podman "${roots[@]}" image inspect --format '{{.Size}}' "$image")
echo "image: $((SECONDS - started)) s, $((bytes / 1000000)) MB"

container=$(podman "${roots[@]}" --runtime runc run --detach \
    --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
    --read-only --cap-drop ALL --network host --health-interval=disable \
    --env OPENDATA_HOST=127.0.0.1 --env OPENDATA_PORT="$port" \
    --env OPENDATA_PUBLIC_URL="http://127.0.0.1:$port" "$image")
trap 'podman "${roots[@]}" --runtime runc rm --force "$container" >/dev/null' EXIT

started=$SECONDS
until python3 - "$port" <<'PYTHON' 2>/dev/null; do
import sys, urllib.request
urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/-/ready", timeout=2)
PYTHON
    if [ $((SECONDS - started)) -gt 30 ]; then
        podman "${roots[@]}" logs "$container" >&2
        exit 1
    fi
    sleep 0.2
done
echo "ready: within $((SECONDS - started + 1)) s"

python3 - "$port" <<'PYTHON'
import csv, io, sys, urllib.request
answer = urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/v1/service-counts.csv", timeout=5)
rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
assert answer.status == 200 and len(rows) == 18, (answer.status, len(rows))
print(f"service-counts.csv: {len(rows)} rows")
PYTHON
user=$(podman "${roots[@]}" --runtime runc exec "$container" id -u)
[ "$user" = 10001 ] || { echo "runs as $user" >&2; exit 1; }
echo "user: $user"
if podman "${roots[@]}" --runtime runc exec "$container" touch /opt/opendata/x 2>/dev/null; then
    echo "the root filesystem can be written" >&2
    exit 1
fi
echo "root filesystem: read-only"
podman "${roots[@]}" --runtime runc exec "$container" opendata-api health
