import type { ClientRow } from '../../support/client-row.js';
import { eventually } from '../../support/eventually.js';
import type { Program } from '../../support/program.js';
import type { TestRedis } from '../../support/use-redis.js';

/** Names of the connections that a library has. */
export interface SeenConnections {
  /** How many connections have each name. */
  readonly names: Readonly<Record<string, number>>;
  /** Names in the ledger of connections that the library has renamed by a command, by their name in CLIENT LIST. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** What is wrong with connections, in words that are the same in each run. */
export class Unexpected extends Error {}

/** What a program tells of its connections. */
interface ProgramFacts {
  /** Local ports of its sockets to the server. GLIDE opens sockets that Node does not know of. */
  readonly ports: readonly number[];
  readonly ledger: readonly LedgerFacts[];
}

interface LedgerFacts {
  readonly name: string;
  /** Unknown for clients of other libraries than ioredis. */
  readonly localPort?: number;
}

/** A row of CLIENT LIST, and the entry of the ledger that stands for it. */
interface Pair {
  readonly row: ClientRow;
  readonly entry: LedgerFacts | undefined;
}

/** Names by which Bull and BullMQ find their own connections. */
const LIBRARY_NAME = /^bull:/;

/** Compares sockets, ledger and CLIENT LIST until they agree. @throws Unexpected */
export async function compareConnections(
  program: Program,
  redis: TestRedis,
  host: string,
): Promise<SeenConnections & { readonly ids: readonly number[] }> {
  const owner = `orders@${host}`;
  let pairs: readonly Pair[] = [];
  let last: unknown;
  const compare = async () => {
    program.child.send('look');
    const { ports, ledger } = await program.message<ProgramFacts>();
    const all = await redis.rows();
    const rows = all.filter(({ port, name }) => ports.includes(port) || isOf(owner, name));
    pairs = pairUp(rows, ledger);
    try {
      expectAgreement(owner, pairs, { ports, ledger });
    } catch (error) {
      last = error;
      throw error;
    }
  };
  // On a busy machine the program may be killed before the time of its comparison is over. What was wrong is told all the same.
  await eventually(compare).catch((error: unknown) => {
    throw last instanceof Unexpected ? last : error;
  });
  const shown = (name: string) => name.replace(owner, 'orders@web-1');
  const names = pairs.map(({ row }) => shown(row.name)).sort();
  const renamed = pairs.flatMap(({ row, entry }) =>
    entry && entry.name !== row.name ? [[row.name, shown(entry.name)] as const] : [],
  );
  return {
    ids: pairs.map(({ row }) => row.id),
    names: Object.fromEntries(names.map((name) => [name, names.filter((one) => one === name).length])),
    ...(renamed.length > 0 && { renamed: Object.fromEntries(renamed) }),
  };
}

/** Finds the entry of each row: by its port, or by its name among the entries whose port is unknown. */
function pairUp(rows: readonly ClientRow[], ledger: readonly LedgerFacts[]): readonly Pair[] {
  const withoutPort = ledger.filter(({ localPort }) => localPort === undefined);
  return rows.map((row) => {
    const byPort = ledger.find(({ localPort }) => localPort === row.port);
    if (byPort) return { row, entry: byPort };
    const at = withoutPort.findIndex(({ name }) => name === row.name);
    return { row, entry: at < 0 ? undefined : withoutPort.splice(at, 1)[0] };
  });
}

function expectAgreement(owner: string, pairs: readonly Pair[], { ports, ledger }: ProgramFacts): void {
  const of = `of ${Math.max(pairs.length, ports.length)} connections`;
  const lacking = pairs.filter(({ entry }) => !entry);
  const nameless = pairs.filter(({ row: { name } }) => !isOf(owner, name) && !LIBRARY_NAME.test(name));
  const misnamed = pairs.filter(
    ({ row, entry }) => entry && entry.name !== row.name && !LIBRARY_NAME.test(row.name),
  );
  if (pairs.length === 0) throw new Unexpected('it has no connection');
  if (pairs.length < ports.length) throw new Unexpected(`CLIENT LIST has ${pairs.length} ${of}`);
  const wrong = [
    ...(nameless.length > 0 ? [`${nameless.length} ${of} are unnamed`] : []),
    ...(lacking.length > 0 ? [`the ledger lacks ${lacking.length} ${of}`] : []),
    ...(ledger.length > pairs.length ? [`the ledger has ${ledger.length} ${of}`] : []),
    ...(misnamed.length > 0 ? [`the ledger has other names for ${misnamed.length} ${of}`] : []),
  ];
  if (wrong.length > 0) throw new Unexpected(wrong.join(', '));
}

function isOf(owner: string, name: string): boolean {
  return name === owner || name.startsWith(`${owner}#`);
}

/** Expects that the server has none of these connections any more. @throws Unexpected */
export async function expectGone(redis: TestRedis, ids: readonly number[]): Promise<void> {
  await eventually(async () => {
    const left = (await redis.rows()).filter(({ id }) => ids.includes(id));
    if (left.length > 0) throw new Unexpected(`${left.length} of ${ids.length} connections are left open`);
  });
}
