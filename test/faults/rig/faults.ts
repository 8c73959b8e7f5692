import type { Flow } from './flow.js';
import type { Namespaces } from './namespaces.js';
import { setSysctl } from './network.js';
import type { Tools } from './tools.js';

/** Which packets are dropped, as the client sees it. */
export type Direction = 'both' | 'to-server' | 'to-client';

/** What can be done to the traffic of a rig, without a word to either end. */
export interface Faults {
  /** Drops the packets of exactly these connections. Gives the time at which it began to. */
  cut(flows: Flow | readonly Flow[], direction?: Direction): Promise<number>;
  /** Lets TCP come up on a server's port and drops what is then said in one direction: no handshake ends. */
  mute(port: number, direction: Exclude<Direction, 'both'>): Promise<void>;
  unmute(port: number): Promise<void>;
  /** Drops every packet. */
  partition(): Promise<void>;
  /** A firewall that forgets a session after so many seconds without a packet, and then drops what comes. */
  forgetIdle(seconds: number): Promise<void>;
  /** Drops so many packets of a hundred, in both directions. */
  lossy(percent: number): Promise<void>;
  /** Delays every packet. @throws Error where the kernel cannot */
  delay(ms: number): Promise<void>;
  /** Ends cuts, partition, firewall and loss; a port stays mute, and a delay stays. */
  heal(): Promise<void>;
}

const RULES = `
table inet faults {
  set cut4 { type ipv4_addr . inet_service . ipv4_addr . inet_service; }
  set cut6 { type ipv6_addr . inet_service . ipv6_addr . inet_service; }
  set mute_to_server { type inet_service; }
  set mute_to_client { type inet_service; }
  chain weather { }
  chain firewall { }
  chain forward {
    type filter hook forward priority 0; policy accept;
    ip saddr . tcp sport . ip daddr . tcp dport @cut4 drop
    ip6 saddr . tcp sport . ip6 daddr . tcp dport @cut6 drop
    tcp dport @mute_to_server tcp flags & psh == psh drop
    tcp sport @mute_to_client tcp flags & syn != syn drop
    jump weather
    jump firewall
  }
}`;

/** Puts the empty rules into the router, and gives the hands on them. */
export async function installFaults(tools: Tools, { router }: Namespaces): Promise<Faults> {
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: scenarios of one rig run at the same time. */
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
        // Added first, because what is not there cannot be deleted.
        await nft(
          `add element inet faults ${set} { ${port} }; delete element inet faults ${set} { ${port} }`,
        );
      }
    },
    async partition() {
      await rule('weather', 'drop');
    },
    async forgetIdle(seconds) {
      await setSysctl(tools, router, 'net/netfilter/nf_conntrack_tcp_loose', 0);
      await setSysctl(tools, router, 'net/netfilter/nf_conntrack_tcp_timeout_established', seconds);
      await rule('firewall', 'ct state established accept');
      await rule('firewall', 'tcp flags & (syn | ack) == syn ct state new accept');
      await rule('firewall', 'meta l4proto tcp drop');
    },
    async lossy(percent) {
      await rule('weather', `numgen random mod 100 < ${percent} drop`);
    },
    async delay(ms) {
      const netem = `qdisc replace dev servers root netem delay ${ms}ms`;
      await tools.run(router, 'tc', ...netem.split(' '));
    },
    async heal() {
      await flush('chain inet faults weather', 'chain inet faults firewall');
      await flush('set inet faults cut4', 'set inet faults cut6');
    },
  };
}

/** Commands that add connections to the sets: one set for each family. */
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
