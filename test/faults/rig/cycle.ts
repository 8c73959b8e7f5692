import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant } from './contestant.js';
import type { Row } from './flow.js';
import type { Rig } from './rig.js';

/** A client of a contestant, and the port of its server. */
export interface Subject {
  readonly contestant: Contestant;
  readonly name: string;
  readonly port: number;
}

/** Time after which the connection before has been reaped. */
const SETTLE_MS = 700;

/** Rows of a client on its server, the newest last. */
async function rowsOf(rig: Rig, { name, port }: Omit<Subject, 'contestant'>): Promise<Row[]> {
  const rows = await rig.observer.rows(port);
  return rows.filter((row) => row.name.endsWith(`#${name}`)).sort((a, b) => a.id - b.id);
}

/** Cuts the client's newest connection. Returns the time of the cut. */
export async function cutNewest(rig: Rig, subject: Subject): Promise<number> {
  const row = (await rowsOf(rig, subject)).at(-1);
  if (!row) throw new Error(`${subject.contestant.who}: there is no row of ${subject.name}`);
  return rig.cut(row.flow);
}

/** Cuts the client's connection and waits until a new one is ready and settled. @throws Error after `withinMs` */
export async function cycle(rig: Rig, subject: Subject, withinMs = 60_000): Promise<void> {
  const { contestant, name } = subject;
  const at = await cutNewest(rig, subject);
  const back = await contestant.next(at, 'ready', name, withinMs);
  if (!back) throw new Error(`${contestant.who}: ${name} was not ready again in ${withinMs} ms`);
  await sleep(SETTLE_MS);
}

/** Counts a client's rows repeatedly. The returned function stops that and resolves with the highest count. */
export function countRows(rig: Rig, subject: Omit<Subject, 'contestant'>): () => Promise<number> {
  let highest = 0;
  let isCounting = true;
  const count = async () => {
    while (isCounting) {
      highest = Math.max(highest, (await rowsOf(rig, subject)).length);
      await sleep(200);
    }
    return highest;
  };
  const counted = count();
  counted.catch(() => undefined); // a failure is thrown when the count is asked for
  return () => {
    isCounting = false;
    return counted;
  };
}
