import { HygieneError } from '../../core/errors.js';
import { type ClientRow, keepRow, type Row } from '../client-list/row.js';
import type { Server } from '../server/server.js';
import type { Seen } from './plan.js';
import type { ReapPort } from './run.js';

/** Whether a connection is to be closed: what it is while it is read, and kept. */
export type IsNamed = (row: Row, kept: ClientRow) => boolean;

type Asked = Pick<Server, 'target' | 'call' | 'clients'>;

/** Whether the server does not know a command of this form. One that is busy or loads says something else. */
function isUnknown(error: unknown): error is HygieneError {
  return (
    error instanceof HygieneError && error.code === 'HYG_TARGET_REPLY' && / with: ERR /.test(error.message)
  );
}

/** Reaps over the connection that a server is asked over. */
export function createReapPort(server: Asked, isNamed: IsNamed): ReapPort {
  /** `CLIENT LIST ID` came with Redis 6.2. */
  let takesIds = true;

  async function read(ids?: readonly number[]): Promise<Seen[]> {
    const seen: Seen[] = [];
    await server.clients((row) => {
      const kept = keepRow(row, server.target);
      seen.push({ row: kept, named: isNamed(row, kept) });
    }, ids);
    return seen;
  }

  return {
    async list(ids) {
      if (ids === undefined || !takesIds) return read();
      try {
        return await read(ids);
      } catch (error) {
        if (!isUnknown(error)) throw error;
        takesIds = false;
        return read();
      }
    },
    async kill(command) {
      const [name = '', ...args] = command;
      try {
        return Number(await server.call(name, ...args));
      } catch (error) {
        if (!isUnknown(error)) throw error;
        throw new HygieneError(
          'HYG_KILL_UNSUPPORTED',
          `${server.target} does not take ${command.join(' ')}.`,
          { cause: error },
        );
      }
    },
  };
}
