import { NumberColumn, TextColumn } from '../client-list/number-column.js';
import type { Peer } from './attribution.js';

/** Peers by number: 0 for the first one, and so on. An array of peers is one. */
export interface PeerList extends Iterable<Peer> {
  readonly length: number;
  at(number: number): Peer | undefined;
}

/** Stands for no port. */
const NO_PORT = -1;

/**
 * Peers in columns. A peer is made when it is read, because there may be a million: their objects would take 80 MB.
 *
 * A class, because a million peers are added.
 */
export class PeerColumns implements PeerList {
  readonly #names = new TextColumn();
  readonly #ips = new TextColumn();
  readonly #ports = new NumberColumn();
  readonly #laddrs = new TextColumn();
  readonly #libNames = new TextColumn();
  readonly #kinds = new TextColumn<Peer['kind']>();

  get length(): number {
    return this.#ports.length;
  }

  /** Adds a peer, and returns its number. */
  add({ name, ip, port = NO_PORT, laddr, libName, kind }: Peer): number {
    this.#names.push(name);
    this.#ips.push(ip);
    this.#ports.push(port);
    this.#laddrs.push(laddr);
    this.#libNames.push(libName);
    this.#kinds.push(kind);
    return this.length - 1;
  }

  at(number: number): Peer | undefined {
    if (!(number >= 0 && number < this.length)) return undefined;
    const port = this.#ports.at(number);
    return {
      name: this.#names.at(number),
      ip: this.#ips.at(number),
      port: port === NO_PORT ? undefined : port,
      laddr: this.#laddrs.at(number),
      libName: this.#libNames.at(number),
      kind: this.#kinds.at(number),
    };
  }

  *[Symbol.iterator](): Iterator<Peer> {
    for (let number = 0; number < this.length; number += 1) yield this.at(number) as Peer;
  }
}
