import type { Namespaces } from './namespaces.js';
import type { Tools } from './tools.js';

/** Where servers listen and clients come from; `v6` is missing on a machine without IPv6. */
export interface Addresses {
  readonly v4: string;
  readonly v6: string | undefined;
}

export interface Network {
  readonly client: Addresses;
  readonly servers: Addresses;
}

const V4 = { client: '10.77.1.2', clientGate: '10.77.1.1', servers: '10.77.2.2', serversGate: '10.77.2.1' };
const V6 = { client: 'fd77:1::2', clientGate: 'fd77:1::1', servers: 'fd77:2::2', serversGate: 'fd77:2::1' };

/** Two cables, one from each end to the router, which forwards between them. */
export async function layNetwork(tools: Tools, namespaces: Namespaces): Promise<Network> {
  await layCable(tools, namespaces, 'client');
  await layCable(tools, namespaces, 'servers');
  await address(tools, namespaces, V4, '24');
  await setSysctl(tools, namespaces.router, 'net/ipv4/ip_forward', 1);
  const v6 = await address(tools, namespaces, V6, '64').then(
    () => setSysctl(tools, namespaces.router, 'net/ipv6/conf/all/forwarding', 1).then(() => V6),
    () => undefined,
  );
  return {
    client: { v4: V4.client, v6: v6?.client },
    servers: { v4: V4.servers, v6: v6?.servers },
  };
}

/** Writes a setting of a namespace's network. */
export async function setSysctl(tools: Tools, namespace: string, name: string, value: number): Promise<void> {
  await tools.run(namespace, 'sh', '-c', `echo ${value} > /proc/sys/${name}`);
}

/** The end in the namespace is `eth`, the router's end has the name of the side. */
async function layCable(tools: Tools, { router, ...ends }: Namespaces, side: 'client' | 'servers') {
  const end = ends[side];
  const ip = (namespace: string, ...args: string[]) => tools.run(undefined, 'ip', '-n', namespace, ...args);
  await ip(end, 'link', 'add', 'eth', 'type', 'veth', 'peer', 'name', side, 'netns', router);
  await ip(end, 'link', 'set', 'lo', 'up');
  await ip(end, 'link', 'set', 'eth', 'up');
  await ip(router, 'link', 'set', side, 'up');
}

async function address(tools: Tools, namespaces: Namespaces, plan: typeof V4, mask: string): Promise<void> {
  const family = mask === '64' ? '-6' : '-4';
  // An IPv6 address is not usable until it is known to be unique, unless it is told to be.
  const flags = family === '-6' ? ['nodad'] : [];
  for (const side of ['client', 'servers'] as const) {
    const gate = plan[`${side}Gate`];
    const ip = (namespace: string, ...args: string[]) =>
      tools.run(undefined, 'ip', family, '-n', namespace, ...args);
    await ip(namespaces[side], 'addr', 'add', `${plan[side]}/${mask}`, 'dev', 'eth', ...flags);
    await ip(namespaces.router, 'addr', 'add', `${gate}/${mask}`, 'dev', side, ...flags);
    await ip(namespaces[side], 'route', 'add', 'default', 'via', gate);
  }
}
