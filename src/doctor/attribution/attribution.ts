/** What is known of the other end of a connection. */
export interface Peer {
  /** The connection's name; `''` for a nameless one. */
  readonly name: string;
  /** Canonical IPv4 or IPv6 without brackets (`normaliseIp`), or the path of a unix socket. */
  readonly ip: string;
  /** Its port, only where it tells something: of an address of this machine, and of a master. */
  readonly port: number | undefined;
  /** The server's end as it tells it (`laddr`), only of an address of this machine; `''` before Redis 6.2. */
  readonly laddr: string;
  /** `lib-name` of `CLIENT LIST`; `''` before Redis 7.2. */
  readonly libName: string;
  /** What a server is to the one that lists it; `client` for everybody else. */
  readonly link: 'client' | 'replica' | 'master' | 'sentinel';
}

/** Where an attribution comes from, the most telling first. */
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
 * How far an attribution can be trusted. `certain`: the other end said so, or the engine that runs it. `likely`: it follows from
 * something that may be out of date, or shared. `ambiguous`: the address stands for many, so nobody is named.
 */
export type Confidence = 'certain' | 'likely' | 'ambiguous';

/** Who holds a connection, according to one source. */
export interface Attribution {
  /** What people call it: `orders@web-1`, `shop-orders-1`, `default/orders-7c9d-x2x`, `172.18.0.50`. */
  readonly owner: string;
  readonly source: AttributionSource;
  readonly confidence: Confidence;
  /** The service behind it, where the source knows one. */
  readonly service?: string;
  /** The host, container or pod it runs on, where the source knows one. */
  readonly host?: string;
  readonly role?: string;
  /** More words: the image, the command line, why it is ambiguous. */
  readonly note?: string;
}

/** One way to find out who holds a connection. What it needs to know, it has read before. */
export interface Resolver {
  readonly source: AttributionSource;
  /** What people should know of how it went, once the attributions are made: what could not be read, or was given up. */
  readonly warnings?: () => readonly string[];
  /** Nothing where it does not know. May ask somebody (reverse DNS), within a bound of its own. */
  attribute(peer: Peer): Attribution | undefined | Promise<Attribution | undefined>;
}
