import type { Namespaces } from './namespaces.js';
import type { Tools } from './tools.js';

/** Addresses of one end of the network. `v6` is missing on a machine without IPv6. */
export interface Addresses {
  readonly v4: string;
  readonly v6: string | undefined;
}

export interface Network {
  readonly client: Addresses;
  readonly servers: Addresses;
}

const V4 = {
  client: '10.77.1.2',
  clientGateway: '10.77.1.1',
  servers: '10.77.2.2',
  serversGateway: '10.77.2.1',
};
const V6 = {
  client: 'fd77:1::2',
  clientGateway: 'fd77:1::1',
  servers: 'fd77:2::2',
  serversGateway: 'fd77:2::1',
};

/** Connects both ends to the router, which forwards between them. */
export async function createNetwork(tools: Tools, namespaces: Namespaces): Promise<Network> {
  const { client, router, servers } = namespaces;
  for (const side of ['client', 'servers']) await addLink(tools, { client, router, servers }, side);
  await assignAddresses(tools, namespaces, V4, '24');
  await setSysctl(tools, namespaces.router, 'net/ipv4/ip_forward', 1);
  const v6 = await assignAddresses(tools, namespaces, V6, '64').then(
    () => setSysctl(tools, namespaces.router, 'net/ipv6/conf/all/forwarding', 1).then(() => V6),
    () => undefined,
  );
  return {
    client: { v4: V4.client, v6: v6?.client },
    servers: { v4: V4.servers, v6: v6?.servers },
  };
}

/** Another namespace behind the router, with an address of its own. */
export interface Side {
  readonly namespace: string;
  readonly address: string;
}

const NAT = `
table ip SIDE {
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    ip saddr NETWORK masquerade
  }
}`;

/** Number of the first network of another side: 10.77.3.0. */
const FIRST_SIDE = 3;

/**
 * Adds another side to the network, with IPv4 only.
 *
 * @param index Number of the side, from 0.
 * @param nat `masquerade`: the servers see the router's address instead of the side's.
 */
export async function addSide(
  tools: Tools,
  namespaces: Namespaces,
  index: number,
  nat: 'none' | 'masquerade',
): Promise<Side> {
  const { router } = namespaces;
  const label = `side${index}`;
  const namespace = await namespaces.add(label);
  const [net, address] = [`10.77.${FIRST_SIDE + index}`, `10.77.${FIRST_SIDE + index}.2`];
  await addLink(tools, { router, [label]: namespace }, label);
  const ip = (where: string, ...args: string[]) => tools.run(undefined, 'ip', '-n', where, ...args);
  await ip(namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth');
  await ip(router, 'addr', 'add', `${net}.1/24`, 'dev', label);
  await ip(namespace, 'route', 'add', 'default', 'via', `${net}.1`);
  if (nat === 'masquerade') {
    await tools.run(router, 'nft', NAT.replaceAll('SIDE', label).replaceAll('NETWORK', `${net}.0/24`));
  }
  return { namespace, address };
}

/** Sets a network parameter of a namespace. */
export async function setSysctl(
  tools: Tools,
  namespace: string,
  name: string,
  value: number | string,
): Promise<void> {
  await tools.run(namespace, 'sh', '-c', `echo ${value} > /proc/sys/${name}`);
}

const PORTS = 'net/ipv4/ip_local_port_range';
const USUAL_PORTS = '32768 60999';
const RARE_PORTS = '20000 29999';

/**
 * Gives the connections that `open` makes in a namespace other local ports than later ones get. The packets of a cut
 * connection are dropped for as long as the rig exists, and so would be those of a later connection with the same port.
 */
export async function withRarePorts<Result>(
  tools: Tools,
  namespace: string,
  open: () => Promise<Result>,
): Promise<Result> {
  await setSysctl(tools, namespace, PORTS, RARE_PORTS);
  try {
    return await open();
  } finally {
    await setSysctl(tools, namespace, PORTS, USUAL_PORTS);
  }
}

/** Adds a veth pair. Its end in the namespace is called `eth`, and the router's end has the name of the side. */
async function addLink(
  tools: Tools,
  { router = '', ...ends }: Readonly<Record<string, string>>,
  side: string,
): Promise<void> {
  const end = ends[side] ?? '';
  const ip = (namespace: string, ...args: string[]) => tools.run(undefined, 'ip', '-n', namespace, ...args);
  await ip(end, 'link', 'add', 'eth', 'type', 'veth', 'peer', 'name', side, 'netns', router);
  await ip(end, 'link', 'set', 'lo', 'up');
  await ip(end, 'link', 'set', 'eth', 'up');
  await ip(router, 'link', 'set', side, 'up');
}

async function assignAddresses(
  tools: Tools,
  namespaces: Namespaces,
  plan: typeof V4,
  mask: string,
): Promise<void> {
  const family = mask === '64' ? '-6' : '-4';
  // Without `nodad` an IPv6 address is not usable until duplicate address detection is done.
  const flags = family === '-6' ? ['nodad'] : [];
  for (const side of ['client', 'servers'] as const) {
    const gateway = plan[`${side}Gateway`];
    const ip = (namespace: string, ...args: string[]) =>
      tools.run(undefined, 'ip', family, '-n', namespace, ...args);
    await ip(namespaces[side], 'addr', 'add', `${plan[side]}/${mask}`, 'dev', 'eth', ...flags);
    await ip(namespaces.router, 'addr', 'add', `${gateway}/${mask}`, 'dev', side, ...flags);
    await ip(namespaces[side], 'route', 'add', 'default', 'via', gateway);
  }
}
