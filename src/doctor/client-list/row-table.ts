import { type ClientRow, keepRow, type RowView } from './client-row.js';
import { NumberColumn, TextColumn } from './number-column.js';

/** Properties of rows, each in one column. */
class RowColumns {
  readonly id = new NumberColumn();
  readonly port = new NumberColumn();
  readonly age = new NumberColumn();
  readonly idle = new NumberColumn();
  readonly db = new NumberColumn();
  readonly sub = new NumberColumn();
  readonly psub = new NumberColumn();
  readonly ssub = new NumberColumn();
  readonly multi = new NumberColumn();
  readonly omem = new NumberColumn();
  readonly totMem = new NumberColumn();
  readonly totCmds = new NumberColumn();
  readonly ip = new TextColumn();
  readonly laddr = new TextColumn();
  readonly name = new TextColumn();
  readonly flags = new TextColumn();
  readonly cmd = new TextColumn();
  readonly user = new TextColumn();
  readonly libName = new TextColumn();
  readonly libVer = new TextColumn();
  readonly target = new TextColumn();
  /** Addresses by the index of their row, except those that consist of `ip` and `port`. */
  readonly otherAddresses = new Map<number, string>();

  /** Adds a row, and returns its index. */
  add(row: ClientRow): number {
    const index = this.id.length;
    if (row.addr !== `${row.ip}:${row.port}`) this.otherAddresses.set(index, row.addr);
    this.id.push(row.id);
    this.port.push(row.port);
    this.age.push(row.age);
    this.idle.push(row.idle);
    this.db.push(row.db);
    this.sub.push(row.sub);
    this.psub.push(row.psub);
    this.ssub.push(row.ssub);
    this.multi.push(row.multi);
    this.omem.push(row.omem);
    this.totMem.push(row.totMem);
    this.totCmds.push(row.totCmds);
    this.ip.push(row.ip);
    this.laddr.push(row.laddr);
    this.name.push(row.name);
    this.flags.push(row.flags);
    this.cmd.push(row.cmd);
    this.user.push(row.user);
    this.libName.push(row.libName);
    this.libVer.push(row.libVer);
    this.target.push(row.target);
    return index;
  }
}

/** A row that is kept. */
export interface KeptRow extends ClientRow {
  /** The number of its peer among those of all sources, once that is known. */
  peer?: number;
}

/** A row in columns. A class with getters, because there may be a million of them: each takes 48 bytes. */
class ColumnRow implements KeptRow {
  peer = -1;
  readonly #columns: RowColumns;
  readonly #index: number;

  constructor(columns: RowColumns, index: number) {
    this.#columns = columns;
    this.#index = index;
  }

  get addr(): string {
    return this.#columns.otherAddresses.get(this.#index) ?? `${this.ip}:${this.port}`;
  }

  get id(): number {
    return this.#columns.id.at(this.#index);
  }

  get port(): number {
    return this.#columns.port.at(this.#index);
  }

  get age(): number {
    return this.#columns.age.at(this.#index);
  }

  get idle(): number {
    return this.#columns.idle.at(this.#index);
  }

  get db(): number {
    return this.#columns.db.at(this.#index);
  }

  get sub(): number {
    return this.#columns.sub.at(this.#index);
  }

  get psub(): number {
    return this.#columns.psub.at(this.#index);
  }

  get ssub(): number {
    return this.#columns.ssub.at(this.#index);
  }

  get multi(): number {
    return this.#columns.multi.at(this.#index);
  }

  get omem(): number {
    return this.#columns.omem.at(this.#index);
  }

  get totMem(): number {
    return this.#columns.totMem.at(this.#index);
  }

  get totCmds(): number {
    return this.#columns.totCmds.at(this.#index);
  }

  get ip(): string {
    return this.#columns.ip.at(this.#index);
  }

  get laddr(): string {
    return this.#columns.laddr.at(this.#index);
  }

  get name(): string {
    return this.#columns.name.at(this.#index);
  }

  get flags(): string {
    return this.#columns.flags.at(this.#index);
  }

  get cmd(): string {
    return this.#columns.cmd.at(this.#index);
  }

  get user(): string {
    return this.#columns.user.at(this.#index);
  }

  get libName(): string {
    return this.#columns.libName.at(this.#index);
  }

  get libVer(): string {
    return this.#columns.libVer.at(this.#index);
  }

  get target(): string {
    return this.#columns.target.at(this.#index);
  }
}

/** Keeps rows in columns: a million take half of the memory of a million objects. */
export interface RowTable {
  /** Copies a row, so that it outlives the buffer. */
  readonly keep: (row: RowView) => KeptRow;
}

/** Creates a table for the rows of a server or file. */
export function createRowTable(target: string): RowTable {
  const columns = new RowColumns();
  return { keep: (row) => new ColumnRow(columns, columns.add(keepRow(row, target))) };
}
