#!/bin/sh
# Runs as the first process of new namespaces (mounts, network, processes). The kernel removes them when it ends.
# $1: the engine's folder, $2: the address of this end of the veth pair, $3: the parent of all its control groups
set -eu

# dockerd also writes to these folders. The overlay redirects the writes to the engine's folder.
for dir in etc opt; do
  mkdir -p "$1/layers/$dir" "$1/layers/$dir.work"
  mount -t overlay overlay -o "lowerdir=/$dir,upperdir=$1/layers/$dir,workdir=$1/layers/$dir.work" "/$dir"
done
mount -t tmpfs tmpfs /run

ip link set lo up
echo 'namespaces are ready'
until ip link show uplink >/dev/null 2>&1; do sleep 0.02; done
ip addr add "$2/30" dev uplink
ip link set uplink up

# The containers need neither firewall rules nor internet access. Containers of one network reach each other over its
# bridge, and docker-proxy serves published ports.
exec dockerd --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/pid" --host "unix://$1/docker.sock" \
  --iptables=false --ip6tables=false --ip-forward=false \
  --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$3" --log-level warn
