import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant } from './contestant.js';
import type { Row } from './flow.js';
import type { Rig } from './rig.js';

/** One client of a contestant, and the port of the server it is connected to. */
export interface Subject {
  readonly contestant: Contestant;
  readonly name: string;
  readonly port: number;
}

/** A connection is settled when nothing more is going to happen to the one before it. */
const SETTLE_MS = 700;

/** The rows that a server has of a client, the newest last. */
async function rowsOf(rig: Rig, { name, port }: Omit<Subject, 'contestant'>): Promise<Row[]> {
  const rows = await rig.observer.rows(port);
  return rows.filter((row) => row.name.endsWith(`#${name}`)).sort((a, b) => a.id - b.id);
}

/** Cuts the client's newest connection. Gives the time at which it was cut. */
export async function cutNewest(rig: Rig, subject: Subject): Promise<number> {
  const row = (await rowsOf(rig, subject)).at(-1);
  if (!row) throw new Error(`${subject.contestant.who}: there is no row of ${subject.name}`);
  return rig.cut(row.flow);
}

/** Cuts the client's connection and waits until it has a new one that is settled. @throws Error in time */
export async function cycle(rig: Rig, subject: Subject, withinMs = 60_000): Promise<void> {
  const { contestant, name } = subject;
  const at = await cutNewest(rig, subject);
  const back = await contestant.next(at, 'ready', name, withinMs);
  if (!back) throw new Error(`${contestant.who}: ${name} was not ready again in ${withinMs} ms`);
  await sleep(SETTLE_MS);
}

/** Counts a client's rows again and again until told to stop, and gives the highest count. */
export function countRows(rig: Rig, subject: Omit<Subject, 'contestant'>): () => Promise<number> {
  let highest = 0;
  let counting = true;
  const count = async () => {
    while (counting) {
      highest = Math.max(highest, (await rowsOf(rig, subject)).length);
      await sleep(200);
    }
    return highest;
  };
  const counted = count();
  counted.catch(() => undefined); // whoever asks for the count hears of a failure
  return () => {
    counting = false;
    return counted;
  };
}
