/** The client end of one connection. */
export interface Peer {
  /** Connection name; `''` for an unnamed connection. */
  readonly name: string;
  /** Canonical IPv4 or IPv6 address without brackets (see `normalizeIp`), or the path of a unix socket. */
  readonly ip: string;
  /** Client port. Set only for an address of this machine and for a master, where the port identifies something. */
  readonly port: number | undefined;
  /**
   * Server end of the connection as the server reports it (`laddr`). Set only for an address of this machine; `''` before
   * Redis 6.2.
   */
  readonly laddr: string;
  /** `lib-name` of `CLIENT LIST`; `''` before Redis 7.2. */
  readonly libName: string;
  /** Role of another server towards the server that lists it; `client` for every other connection. */
  readonly kind: 'client' | 'replica' | 'master' | 'sentinel';
}

/** Sources of attributions, the most informative first. */
export const attributionSources = [
  'name',
  'server',
  'pod',
  'container',
  'process',
  'hosts',
  'library-tag',
  'other-name',
  'library',
  'dns',
  'address',
] as const;

/** @see attributionSources */
export type AttributionSource = (typeof attributionSources)[number];

/**
 * How reliable an attribution is.
 *
 * - `certain`: the client itself said so, or the engine or kernel that runs it did.
 * - `likely`: derived from data that may be outdated or shared.
 * - `ambiguous`: the address is shared by several clients, so no single owner can be named.
 */
export type Confidence = 'certain' | 'likely' | 'ambiguous';

/** The owner of a connection according to one source. */
export interface Attribution {
  /** Name for people: `orders@web-1`, `shop-orders-1`, `default/orders-7c9d-x2x`, `172.18.0.50`. */
  readonly owner: string;
  readonly source: AttributionSource;
  readonly confidence: Confidence;
  /** Service that the owner belongs to, if the source knows it. */
  readonly service?: string;
  /** Host, container or pod that the owner runs on, if the source knows it. */
  readonly host?: string;
  /** Purpose of the connection, if the source knows it. */
  readonly role?: string;
  /** Further details: the image, the folder of the process, the processes of a named owner, why the address is ambiguous. */
  readonly note?: string;
}

/** A way to find the owner of a connection. Resolvers load their data before `attribute` is called. */
export interface Resolver {
  readonly source: AttributionSource;
  /** Problems to report after all peers were attributed: data that could not be read, lookups that were given up. */
  readonly warnings?: () => readonly string[];
  /**
   * The owner of a peer, or `undefined` if this source does not know the peer. Only a resolver that has to query another
   * server (reverse DNS) returns a promise, and that resolver limits its own time.
   */
  attribute(peer: Peer): Attribution | undefined | Promise<Attribution | undefined>;
}
