import type { Clock } from '../../core/clock.js';
import { HygieneError } from '../../core/errors.js';
import type { AttributePeers } from '../attribution/attribute.js';
import { normalizeIp } from '../attribution/ip-address.js';
import { createPeerIndex } from '../attribution/peers.js';
import { type ClientRow, keepRow, viewRow } from '../client-list/client-row.js';
import type { ClientFilter } from '../group/row-filter.js';
import { type KernelLook, lookAtKernels } from '../kernel/kernel-look.js';
import { formatEnd } from '../kernel/kernel-sockets.js';
import { type JudgeOptions, judgeRow, selectedVerdict, type Verdict } from './death-proof.js';
import { createRecordMatcher, type OrphanRecord } from './orphan-records.js';
import type { ReapServer, ServerSource } from './reap-servers.js';
import type { ReapPort, RereadConnection } from './run-reap.js';

/** How a reap selects connections. */
export interface Selection extends Pick<JudgeOptions, 'heartbeatSeconds' | 'assumeDeadAfterSeconds'> {
  readonly filter: ClientFilter | undefined;
  /** Whether a proof is needed. Without one, `filter` selects what is closed. */
  readonly needsProof: boolean;
  /** What services have given up; `undefined` without `--orphans`. */
  readonly records: readonly OrphanRecord[] | undefined;
}

/** Services that a reap uses. */
export interface ReapServices {
  readonly clock: Clock;
  readonly attributePeers: AttributePeers;
  /** @default the kernels of this machine */
  readonly lookAtKernels?: typeof lookAtKernels;
}

/** Creates the port of a reap over the connection to a server. */
export function createReapPort(
  { source, runId }: Pick<ReapServer, 'source' | 'runId'>,
  selection: Selection,
  services: ReapServices,
): ReapPort {
  const { server } = source;
  const { filter } = selection;
  /** `CLIENT LIST ID` exists since Redis 6.2. */
  let supportsIds = true;

  async function list(ids?: readonly number[]): Promise<RereadConnection[]> {
    const connections: RereadConnection[] = [];
    await server.listClients((row) => {
      const matches = filter?.matchesRow(row) ?? true;
      connections.push({ row: keepRow(row, server.target), matches });
    }, ids);
    return connections;
  }

  return {
    async look() {
      const listed = await list();
      const at = services.clock.now();
      const judge = createJudge({ source, runId }, listed, selection, services);
      const matching = await matchingRows(source, listed, filter, services);
      return {
        at,
        ids: new Set(listed.map(({ row }) => row.id)),
        connections: matching.map((row) => ({ row, verdict: judge(row) })),
      };
    },
    list: async () => (await list()).map(({ row }) => row),
    async reread(ids) {
      if (!supportsIds) return list();
      try {
        return await list(ids);
      } catch (error) {
        if (!isUnknownCommand(error)) throw error;
        supportsIds = false;
        return list();
      }
    },
    kill: (command) => sendKill(server, command),
  };
}

async function sendKill(server: ServerSource['server'], command: readonly string[]): Promise<number> {
  const [name = '', ...args] = command;
  try {
    return Number(await server.call(name, ...args));
  } catch (error) {
    if (!isUnknownCommand(error)) throw error;
    throw new HygieneError(
      'HYG_KILL_UNSUPPORTED',
      `${server.target} does not support ${command.join(' ')}.`,
      { cause: error },
    );
  }
}

/** Creates the judge of the rows that were just listed. */
function createJudge(
  { source, runId }: Pick<ReapServer, 'source' | 'runId'>,
  listed: readonly RereadConnection[],
  { needsProof, records = [], ...options }: Selection,
  services: ReapServices,
): (row: ClientRow) => Verdict {
  if (!needsProof) return selectedVerdict;
  const kernelLook = askKernels(source, listed, services);
  const isRecorded = createRecordMatcher(records);
  return (row) => judgeRow(row, { ...options, kernelLook, isRecorded: (each) => isRecorded(each, runId) });
}

function askKernels(
  { own, server: { socket } }: ServerSource,
  listed: readonly RereadConnection[],
  { lookAtKernels: look = lookAtKernels }: ReapServices,
): KernelLook {
  const { localAddress, localPort, remotePort } = socket;
  const ownLocalEnd =
    localAddress === undefined || localPort === undefined
      ? undefined
      : formatEnd(normalizeIp(localAddress) ?? localAddress, localPort);
  return look({ rows: listed.map(({ row }) => row), own, ownLocalEnd, ownRemotePort: remotePort });
}

/** The rows that match the filter, whose conditions on owners are checked for all rows together. */
async function matchingRows(
  { isLocal }: ServerSource,
  listed: readonly RereadConnection[],
  filter: ClientFilter | undefined,
  { attributePeers }: ReapServices,
): Promise<readonly ClientRow[]> {
  const rows = listed.filter(({ matches }) => matches).map(({ row }) => row);
  const matchesAttribution = filter?.matchesAttribution;
  if (!matchesAttribution) return rows;
  const peerIndex = createPeerIndex();
  const numbers = rows.map((row) => peerIndex.add(viewRow(row), isLocal));
  const { attributionOf } = await attributePeers(peerIndex.finish());
  return rows.filter((_, index) => matchesAttribution(attributionOf(numbers[index] as number)));
}

/** Whether the server does not know this form of a command. The code of a server that is busy or loading is not ERR. */
function isUnknownCommand(error: unknown): error is HygieneError {
  return (
    error instanceof HygieneError && error.code === 'HYG_TARGET_REPLY' && / with: ERR /.test(error.message)
  );
}
