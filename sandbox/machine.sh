#!/bin/sh
# Process 1 of a machine: prepares the mount namespace that `unshare` has just made, then waits as the reaper.
# usage: machine.sh HOSTNAME DIR PAUSE
set -eu
echo "$1" >/proc/sys/kernel/hostname
ip link set lo up
# What containerd, runc and the CNI plugins leave in /run and the kubelet in /var/log stays inside this machine.
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/netns "$2/log"
mount --bind "$2/log" /var/log
exec "$3"
