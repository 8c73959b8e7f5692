#!/bin/sh
# Two processes of Sidekiq with ten threads each, which have done some jobs and wait for more.
set -eu
folder=$(mktemp -d)
trap 'kill $first $second; rm -rf "$folder"' EXIT
cat >"$folder/worker.rb" <<RUBY
require 'sidekiq'
class Worker
  include Sidekiq::Worker
  def perform; sleep 0.1; end
end
RUBY
export REDIS_URL="redis://127.0.0.1:$1"
sidekiq -r "$folder/worker.rb" -c 10 >"$folder/log" 2>&1 & first=$!
sidekiq -r "$folder/worker.rb" -c 10 >>"$folder/log" 2>&1 & second=$!
sleep 5
ruby -r "$folder/worker.rb" -e '200.times { Worker.perform_async }'
sleep 5
echo ready
cat >/dev/null
