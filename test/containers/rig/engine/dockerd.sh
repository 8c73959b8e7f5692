#!/bin/sh
# Runs as the first process of namespaces of its own (mounts, network, processes): whatever it makes goes with it.
# $1: the engine's folder, $2: the address of this end of the cable, $3: the parent of all its control groups
set -eu

# dockerd writes to these beside its own folders; here it does so into a layer of the engine's folder.
for place in etc opt; do
  mkdir -p "$1/layers/$place" "$1/layers/$place.work"
  mount -t overlay overlay -o "lowerdir=/$place,upperdir=$1/layers/$place,workdir=$1/layers/$place.work" "/$place"
done
mount -t tmpfs tmpfs /run

ip link set lo up
echo 'namespaces are made'
until ip link show cable >/dev/null 2>&1; do sleep 0.02; done
ip addr add "$2/30" dev cable
ip link set cable up

# Nothing in here needs rules or a way out: containers of one network reach each other over its bridge, and published
# ports are docker-proxy's.
exec dockerd --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/pid" --host "unix://$1/docker.sock" \
  --iptables=false --ip6tables=false --ip-forward=false \
  --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$3" --log-level warn
