# bare.sh ROOT NAME: starts the Debian in the folder ROOT as a machine of its own, in a control group NAME of 1 GiB:
# mounts, processes, network and host name are its own, and its systemd is process 1. Ends when it is killed.
set -eu
root=$1 group=$2
for kind in memory unified; do # a machine with cgroup v1 and v2 side by side, or with v2 alone
  [ -d "/sys/fs/cgroup/$kind" ] && mkdir -p "/sys/fs/cgroup/$kind/$group" && echo $$ >"/sys/fs/cgroup/$kind/$group/cgroup.procs"
done
if [ -d /sys/fs/cgroup/memory ]; then
  echo 1073741824 >"/sys/fs/cgroup/memory/$group/memory.limit_in_bytes"
else
  mkdir -p "/sys/fs/cgroup/$group"
  echo 1073741824 >"/sys/fs/cgroup/$group/memory.max"
  echo $$ >"/sys/fs/cgroup/$group/cgroup.procs"
fi
exec unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child --propagation private sh -euc '
mount --bind "$0" "$0"
cd "$0"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/shm dev/pts
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
ip link set lo up
hostname bare
mkdir .before
pivot_root . .before
umount -l .before
exec env -i container=huiyin PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
' "$root"
