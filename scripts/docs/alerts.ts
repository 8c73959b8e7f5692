/** Rules of Prometheus for docs/metrics.md. `promtool check rules` accepts them. */
export const alertRules = `groups:
  - name: redis-hygiene
    rules:
      # A process has connections to a server, or wants them, and can use none: the server is down, frozen, full or cut off.
      - alert: RedisUnusable
        expr: >
          (sum without (role, state) (redis_hygiene_connections) > 0
          or sum without (role, state) (redis_hygiene_connections_disconnected) > 0)
          unless sum without (role) (redis_hygiene_connections_usable) > 0
        for: 1m

      # A server does not answer: a long script, a slow disk, a stopped process. After stallLimitMs the connections are closed
      # and dialled again, and RedisUnusable takes over.
      - alert: RedisStalled
        expr: sum by (service, target) (redis_hygiene_connections_stalled) > 0

      # A server is full, and connections wait.
      - alert: RedisFull
        expr: sum by (target) (redis_hygiene_connections_waiting) > 0
        for: 30s

      # A line of code opens more and more clients; the suspect event, in the log, names it. The second half finds it in a
      # process that is new, whose counter has not risen since its first scrape.
      - alert: RedisClientLeak
        expr: >
          sum by (service) (increase(redis_hygiene_suspects_total[15m])) > 0
          or sum by (service) (redis_hygiene_suspects_total unless redis_hygiene_suspects_total offset 15m) > 0

      # A process is close to its budget.
      - alert: RedisBudgetNearlyUsed
        expr: redis_hygiene_budget_used / (redis_hygiene_budget_limit > 0) > 0.8

      # A process opens connections faster than it should need them.
      - alert: RedisConnectionChurn
        expr: sum by (service, role) (rate(redis_hygiene_connections_opened_total[5m])) > 1

      # Connections die without a word, again and again: a firewall that forgets idle sessions.
      - alert: RedisConnectionsDie
        expr: sum by (service, target, cause) (increase(redis_hygiene_stale_total[1h])) > 2

      # Halves of dead connections stay on a server.
      - alert: RedisOrphansStay
        expr: sum by (service, target, outcome) (increase(redis_hygiene_orphans_total{outcome!~"reaped|gone"}[1h])) > 0

      # Sentinels have more clients than services know of (with redis_exporter on the sentinels).
      - alert: RedisSentinelsFillUp
        expr: sum(redis_connected_clients{job="sentinel"}) - sum(redis_hygiene_connections{role="sentinel"}) > 50

      # A pool is too small: callers wait for longer than 100 ms, or get nothing at all.
      - alert: RedisPoolSlow
        expr: histogram_quantile(0.99, sum by (service, target, le) (rate(redis_hygiene_pool_wait_seconds_bucket[5m]))) > 0.1
      - alert: RedisPoolTimeouts
        expr: sum by (service, target) (increase(redis_hygiene_pool_timeouts_total[5m])) > 0
`;
