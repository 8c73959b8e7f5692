import { isIP } from 'node:net';
import { HygieneError } from '../../core/errors.js';
import { isLoopback, isUnixSocket, machineAddresses, normalizeIp } from '../attribution/ip-address.js';
import { endpointLabel, type ServerEndpoint } from '../server/server-endpoint.js';

/** The server that names others, and the address that it was reached at. */
export interface NamingServer {
  readonly target: string;
  readonly endpoint: ServerEndpoint;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Servers that another server has named, and what is to be done with them. */
export interface NamedServers {
  readonly asked: readonly ServerEndpoint[];
  /** Says which servers are not asked, and why; `undefined` if all are. */
  readonly refusal: HygieneError | undefined;
}

/** Servers that are asked because one server names them: a Cluster has at most 1000 nodes. */
const MAX_NAMED = 1_000;

/** Addresses in an error. */
const MAX_LISTED = 3;

/**
 * Decides which of the named servers are asked. A connection sends credentials, so a server that lies, or one that was taken
 * over, must not choose where they go: only servers in its own network are asked, and no more than 1000 of them.
 *
 * @param follow whether the user wants all of them to be asked
 */
export function chooseNamed(
  named: readonly ServerEndpoint[],
  by: NamingServer,
  follow: boolean,
): NamedServers {
  if (follow) return { asked: named, refusal: undefined };
  const isNear = createIsNear(by);
  const near: ServerEndpoint[] = [];
  const outside: ServerEndpoint[] = [];
  for (const endpoint of named) (isNear(endpoint) ? near : outside).push(endpoint);
  const asked = near.slice(0, MAX_NAMED);
  const [whose, left] =
    outside.length > 0 ? ['outside of its network', outside] : [`beyond ${MAX_NAMED}`, near.slice(MAX_NAMED)];
  return { asked, refusal: left.length === 0 ? undefined : refusalOf(by, whose, left) };
}

function refusalOf({ target }: NamingServer, whose: string, left: readonly ServerEndpoint[]): HygieneError {
  const listed = left.slice(0, MAX_LISTED).map(endpointLabel).join(', ');
  const others = left.length > MAX_LISTED ? ` and ${left.length - MAX_LISTED} more` : '';
  return new HygieneError(
    'HYG_TARGET_OUTSIDE',
    `${target} names servers ${whose}, which are not asked: ${listed}${others}.`,
  );
}

/** Tells whether an endpoint is plausibly in the network of a server. */
function createIsNear({ endpoint, socket }: NamingServer): (named: ServerEndpoint) => boolean {
  const given = 'host' in endpoint.address ? endpoint.address.host : '';
  const networks = new Set(addressesOf(socket.remoteAddress).map(networkOf));
  return ({ address }) => {
    if (!('host' in address)) return false;
    const { host } = address;
    return host === given || (isIP(host) === 0 ? isSibling(host, given) : networks.has(networkOf(host)));
  };
}

/** The addresses of a server. One that is reached without a network has those of this machine. */
function addressesOf(remoteAddress = '/'): readonly string[] {
  const isHere = isUnixSocket(remoteAddress) || isLoopback(normalizeIp(remoteAddress) ?? '');
  return isHere ? ['127.0.0.1', '::1', ...machineAddresses()] : [remoteAddress];
}

const IPV4_GROUPS = 2;
const IPV6_GROUPS = 3;

/** The network of an address: /16 of IPv4, which no private network of a cloud exceeds, and /48 of IPv6, which is one site. */
function networkOf(text: string): string {
  const ip = normalizeIp(text) ?? text;
  if (isLoopback(ip)) return 'loopback';
  if (!ip.includes(':')) return ip.split('.').slice(0, IPV4_GROUPS).join('.');
  const [head = '', tail] = ip.split('::');
  const groups = head.split(':');
  const missing = tail === undefined ? [] : Array<string>(IPV6_GROUPS).fill('0');
  return [...groups.filter(Boolean), ...missing].slice(0, IPV6_GROUPS).join(':');
}

/** Whether two host names differ in their first label only: `redis-1.shop.example`, `redis-2.shop.example`. */
function isSibling(one: string, other: string): boolean {
  if (other === '' || isIP(other) !== 0) return false;
  const [parent, otherParent] = [one, other].map((name) => name.toLowerCase().split('.').slice(1));
  const isTopLevel = parent?.length === 1; // a.com and b.com
  return !isTopLevel && parent?.join('.') === otherParent?.join('.');
}
