#!/usr/bin/env bash
# Shows that the two commands of the README work on a machine that has never seen the project: a Debian or Ubuntu system
# in a folder, made for it, holding nothing but Python.
#
#   debootstrap --variant=minbase --include=python3 bookworm ROOT      (Ubuntu: noble)
#   build/prove_fresh_machine.sh ROOT [SHARED]
#
# ROOT is changed: throw it away afterwards. SHARED is the folder with sample books that the tests read when it lies
# beside the project. If this machine reaches the network its own way (a mirror, a proxy, certificates), the settings of
# apt and pip and the certificates are lent to ROOT; they describe the network, not the project.
set -euo pipefail

[ $# -ge 1 ] && [ -x "$1/usr/bin/python3" ] || {
    echo "usage: $0 ROOT [SHARED]   ROOT: a Debian system in a folder, with python3 and nothing else" >&2
    exit 2
}
[ "$(id -u)" = 0 ] || {
    echo "$0: only root may enter another system" >&2
    exit 2
}
root=$(realpath "$1")
shared=${2:-}
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

for name in pip ensurepip; do
    if chroot "$root" python3 -c "import $name" 2>/dev/null; then
        echo "$0: $root already has $name: it is not a fresh machine" >&2
        exit 2
    fi
done

# the project, as a clone: nothing that is not committed comes along
mkdir -p "$root/srv"
rm -rf "$root/srv/zhangfang"
git clone --quiet --no-hardlinks "file://$project" "$root/srv/zhangfang"
[ -z "$shared" ] || cp -rL "$shared" "$root/srv/shared"

# the way to the network
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
apt-config dump | grep -E '^Acquire::(https?|Check)[^ ]' >"$root/etc/apt/apt.conf.d/90lent" || true
for path in /etc/ssl/certs /usr/local/share/ca-certificates /etc/pip.conf; do
    if [ -e "$path" ]; then
        mkdir -p "$root$(dirname "$path")"
        cp -rL "$path" "$root$(dirname "$path")/"
    fi
done
lent=$(env | grep -E '^(PIP_CERT|PIP_PROXY|SSL_CERT_FILE|(https?|no|HTTPS?|NO)_(proxy|PROXY)=)' || true)

mounts=(proc sys dev dev/shm dev/pts)
leave() { # unmount what was mounted, last first
    local i
    for ((i = ${#mounts[@]} - 1; i >= 0; i--)); do
        if mountpoint -q "$root/${mounts[i]}"; then umount "$root/${mounts[i]}"; fi
    done
}
trap leave EXIT
mount -t proc proc "$root/proc"
mount -t sysfs sys "$root/sys"
mount --bind /dev "$root/dev"
mount --bind /dev/shm "$root/dev/shm"
mount --bind /dev/pts "$root/dev/pts"

inside() { # run a command in the project's folder of that machine, with a clean environment, and say how long it took
    local start=$SECONDS
    printf '\n== fresh machine: %s\n' "$*"
    # shellcheck disable=SC2086 -- one assignment a line
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 $lent \
        chroot "$root" sh -c 'cd /srv/zhangfang && exec "$@"' sh "$@" </dev/null
    printf '== fresh machine: done in %d s: %s\n' $((SECONDS - start)) "$*"
}

# the first README command: without a screen the program cannot show its window, so it proves itself instead
inside env QT_QPA_PLATFORM=offscreen timeout 600 python3 dev.py run -- --self-test
inside env QT_QPA_PLATFORM=offscreen timeout 600 python3 dev.py run -- --self-test
# the second
inside env ZHANGFANG_REQUIRE_MARIADB=1 python3 dev.py test
inside python3 dev.py setup
printf '\n== both commands work on a fresh machine\n'
