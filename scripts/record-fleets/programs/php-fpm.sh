#!/bin/sh
# 300 workers of php-fpm, each of which keeps a persistent connection of phpredis after its first request.
set -eu
port=$1
folder=$(mktemp -d)
trap 'kill "$fpm"; rm -rf "$folder"' EXIT
cat >"$folder/request.php" <<PHP
<?php
\$redis = new Redis();
\$redis->pconnect('127.0.0.1', $port);
\$redis->incr('requests');
usleep(1500000);
\$redis->get('requests');
PHP
cat >"$folder/fpm.conf" <<CONF
[global]
error_log = $folder/log
[www]
listen = $folder/socket
user = root
group = root
pm = static
pm.max_children = 300
CONF
php-fpm8.2 --nodaemonize --allow-to-run-as-root --fpm-config "$folder/fpm.conf" &
fpm=$!
until [ -S "$folder/socket" ]; do sleep 0.2; done
export SCRIPT_FILENAME="$folder/request.php" REQUEST_METHOD=GET
for round in 1 2 3 4; do
  seq 300 | xargs -P 300 -I{} cgi-fcgi -bind -connect "$folder/socket" >/dev/null
done
echo ready
cat >/dev/null
