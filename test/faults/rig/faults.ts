import type { Flow } from './flow.js';
import type { Namespaces } from './namespaces.js';
import { setSysctl } from './network.js';
import type { Tools } from './tools.js';

/** Direction of the packets that are dropped, as the client sees it. */
export type Direction = 'both' | 'to-server' | 'to-client';

/** Faults in the network of a rig. Neither end is notified of them. */
export interface Faults {
  /** Drops the packets of exactly these connections. Returns the time of the cut. */
  cut(flows: Flow | readonly Flow[], direction?: Direction): Promise<number>;
  /** Lets TCP connect to a port, but drops all data in one direction, so that no handshake completes. */
  mute(port: number, direction: Exclude<Direction, 'both'>): Promise<void>;
  unmute(port: number): Promise<void>;
  /** Drops every packet. */
  partition(): Promise<void>;
  /** Adds a firewall that forgets a session after this many seconds without a packet, and then drops its packets. */
  forgetIdle(seconds: number): Promise<void>;
  /** Drops this percentage of packets in both directions. */
  lossy(percent: number): Promise<void>;
  /** Delays every packet. @throws Error where the kernel does not support it */
  delay(ms: number): Promise<void>;
  /** Ends cuts, partition, firewall and loss. Mute ports and delays stay. */
  heal(): Promise<void>;
}

const RULES = `
table inet faults {
  set cut4 { type ipv4_addr . inet_service . ipv4_addr . inet_service; }
  set cut6 { type ipv6_addr . inet_service . ipv6_addr . inet_service; }
  set mute_to_server { type inet_service; }
  set mute_to_client { type inet_service; }
  chain impairment { }
  chain firewall { }
  chain forward {
    type filter hook forward priority 0; policy accept;
    ip saddr . tcp sport . ip daddr . tcp dport @cut4 drop
    ip6 saddr . tcp sport . ip6 daddr . tcp dport @cut6 drop
    tcp dport @mute_to_server tcp flags & psh == psh drop
    tcp sport @mute_to_client tcp flags & syn != syn drop
    jump impairment
    jump firewall
  }
}`;

/** Installs the (empty) rules in the router, and returns the functions that fill them. */
export async function installFaults(tools: Tools, { router }: Namespaces): Promise<Faults> {
  let last: Promise<unknown> = Promise.resolve();
  /** Runs commands one after the other, because scenarios of one rig run at the same time. */
  const nft = (...commands: string[]) => {
    last = last.catch(() => undefined).then(() => tools.run(router, 'nft', commands.join('; ')));
    return last;
  };
  const rule = (chain: string, text: string) => nft(`add rule inet faults ${chain} ${text}`);
  const flush = (...things: string[]) => nft(...things.map((thing) => `flush ${thing}`));
  await nft(RULES);

  return {
    async cut(flows, direction = 'both') {
      const at = Date.now();
      const commands = elements([flows].flat(), direction);
      if (commands.length > 0) await nft(...commands);
      return at;
    },
    async mute(port, direction) {
      const set = direction === 'to-server' ? 'mute_to_server' : 'mute_to_client';
      await nft(`add element inet faults ${set} { ${port} }`);
    },
    async unmute(port) {
      for (const set of ['mute_to_server', 'mute_to_client']) {
        // Added first, because deleting a missing element is an error.
        await nft(
          `add element inet faults ${set} { ${port} }; delete element inet faults ${set} { ${port} }`,
        );
      }
    },
    async partition() {
      await rule('impairment', 'drop');
    },
    async forgetIdle(seconds) {
      await setSysctl(tools, router, 'net/netfilter/nf_conntrack_tcp_loose', 0);
      await setSysctl(tools, router, 'net/netfilter/nf_conntrack_tcp_timeout_established', seconds);
      await rule('firewall', 'ct state established accept');
      await rule('firewall', 'tcp flags & (syn | ack) == syn ct state new accept');
      await rule('firewall', 'meta l4proto tcp drop');
    },
    async lossy(percent) {
      await rule('impairment', `numgen random mod 100 < ${percent} drop`);
    },
    async delay(ms) {
      const netem = `qdisc replace dev servers root netem delay ${ms}ms`;
      await tools.run(router, 'tc', ...netem.split(' '));
    },
    async heal() {
      await flush('chain inet faults impairment', 'chain inet faults firewall');
      await flush('set inet faults cut4', 'set inet faults cut6');
    },
  };
}

/** Commands that add connections to the sets, one set per address family. */
function elements(flows: readonly Flow[], direction: Direction): string[] {
  const sets = { cut4: [] as string[], cut6: [] as string[] };
  for (const { client, server } of flows) {
    const set = sets[client.address.includes(':') ? 'cut6' : 'cut4'];
    const [from, to] = [`${client.address} . ${client.port}`, `${server.address} . ${server.port}`];
    if (direction !== 'to-client') set.push(`${from} . ${to}`);
    if (direction !== 'to-server') set.push(`${to} . ${from}`);
  }
  return Object.entries(sets)
    .filter(([, tuples]) => tuples.length > 0)
    .map(([set, tuples]) => `add element inet faults ${set} { ${tuples.join(', ')} }`);
}
