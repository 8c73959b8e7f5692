import { HygieneError } from '../core/errors.js';
import type { AttributePeers } from '../doctor/attribution/attribute.js';
import { type Look, planReap, type ReapPlan } from '../doctor/reap/reap-plan.js';
import { createReapPort, type Selection } from '../doctor/reap/reap-port.js';
import type { ReapServer } from '../doctor/reap/reap-servers.js';
import {
  type KillResult,
  type ReapPort,
  runReap,
  type ServerOutcome,
  sumResults,
} from '../doctor/reap/run-reap.js';
import { secondLookDelayMs } from '../doctor/reap/second-look.js';
import { findReturned, type Settlement } from '../doctor/reap/settle.js';
import { renderJson } from '../doctor/render/json-document.js';
import {
  reapJson,
  renderKillResult,
  renderReapPlan,
  renderReapReport,
  renderSettlement,
} from '../doctor/render/reap-report.js';
import { formatCount, formatSeconds } from '../doctor/text/quantities.js';
import { requiredRights } from '../doctor/server/acl-rights.js';
import type { RowSource } from '../doctor/sources/source.js';
import type { AttributionOptions } from './attribution-options.js';
import type { CommandHost, CommandIo } from './command-io.js';
import { type Console, pause } from './console.js';
import type { ServerOptions } from './server-options.js';

export interface ReapOptions extends ServerOptions, AttributionOptions {
  readonly where?: string;
  readonly stale?: true;
  readonly orphans?: string;
  readonly assumeDeadAfter?: number;
  readonly heartbeat?: number;
  readonly max: number;
  readonly yes?: true;
  readonly settle: number;
  readonly json?: true;
}

/** What one run of `reap` uses for all of its servers. */
export interface ReapSession {
  readonly selection: Selection;
  readonly options: ReapOptions;
  readonly io: CommandIo;
  readonly console: Console;
  readonly interruption: Interruption;
  readonly attributePeers: AttributePeers;
}

/** A server with its plan. */
interface PlannedServer {
  readonly target: string;
  readonly port: ReapPort;
  readonly look: Look;
  readonly plan: ReapPlan;
}

/** Reaps all servers and prints the results, also when Ctrl-C ended it early. */
export async function reapAndReport(
  sources: readonly RowSource[],
  servers: readonly ReapServer[],
  session: ReapSession,
  failures: Failures,
): Promise<void> {
  const { options, io, console } = session;
  const outcomes = await reapAll(servers, session, failures.add);
  const { closed, planned, skipped, unproven } = sumResults(outcomes);
  if (isStopped(io)) {
    const rest = planned - closed - skipped;
    failures.add(new HygieneError('HYG_CLI_INTERRUPTED', `Interrupted: ${closed} closed, ${rest} not.`));
  } else if (!options.yes && planned > 0) {
    console.note(session.selection.needsProof ? DRY_RUN : UNPROVEN_DRY_RUN);
  }
  noteRecords(outcomes, session);
  if (unproven > 0) console.note(UNPROVEN_ADVICE);
  if (!options.json) return;
  const kinds = new Map(sources.map(({ target, kind }) => [target, kind]));
  const kindOf = (target: string) => kinds.get(target) ?? 'server';
  const mode = options.yes ? 'run' : 'dry-run';
  const facts = { at: io.clock.now(), failures: failures.collected, warnings: console.warnings() };
  console.print(renderJson(reapJson({ mode, outcomes, kindOf }, facts)));
}

const DRY_RUN =
  'Nothing was closed: this was a dry run. With --yes reap looks again after a heartbeat, and closes what is still proven to be dead.';
const UNPROVEN_DRY_RUN =
  'Nothing was closed: this was a dry run. With --yes each connection is closed if it still matches, also if its client is alive: its owner connects again.';
const UNPROVEN_ADVICE =
  'What is left may be alive. Proofs: reap on the machine of the clients, or --orphans with what the services have given up. Without a proof: --assume-dead-after 10m for what sends heartbeats, or --where. See "What is left" in docs/reap.md.';

/** Tells what has become of the records of `--orphans`. */
function noteRecords(outcomes: readonly ServerOutcome[], { selection, console }: ReapSession): void {
  if (!selection.records) return;
  const kills = outcomes.flatMap(({ plan }) => plan.kills);
  const found = kills.filter(({ proof }) => proof === 'record').length;
  const records = formatCount(selection.records.length, 'record');
  console.note(
    `--orphans: ${records}, ${formatCount(found, 'connection')} of them on these servers without another proof.`,
  );
}

/** Plans for all servers, looks again when every client that runs has been heard of, closes, and looks at what returns. */
async function reapAll(
  servers: readonly ReapServer[],
  session: ReapSession,
  onFailure: (error: unknown) => void,
): Promise<ServerOutcome[]> {
  const { options, console } = session;
  const planned = await planAll(servers, session, onFailure);
  if (!options.yes) {
    const outcomes = planned.map(outcomeOf);
    if (!options.json) outcomes.forEach((outcome) => console.print(renderReapPlan(outcome, console)));
    return outcomes;
  }
  const delayMs = secondLookDelayMs(
    planned.map(({ plan }) => plan),
    options.heartbeat,
  );
  if (delayMs > 0) console.note(`The second look comes in ${formatSeconds(delayMs / 1000)}.`);
  if (!(await waitFor(delayMs, 'the second look', session))) return planned.map(outcomeOf);
  const outcomes: ServerOutcome[] = [];
  for (const server of planned) {
    if (isStopped(session.io)) outcomes.push(outcomeOf(server));
    else outcomes.push(await closePlanned(server, session, onFailure));
  }
  return settleAll(planned, outcomes, session, onFailure);
}

function outcomeOf({ target, look, plan }: PlannedServer): ServerOutcome {
  return { target, clients: look.ids.size, plan };
}

/** Plans one server after the other, because `--max` counts for all of them together. */
async function planAll(
  servers: readonly ReapServer[],
  { selection, options, io, attributePeers }: ReapSession,
  onFailure: (error: unknown) => void,
): Promise<PlannedServer[]> {
  const planned: PlannedServer[] = [];
  let left = options.max;
  for (const server of servers) {
    if (isStopped(io)) break;
    try {
      const port = createReapPort(server, selection, { clock: io.clock, attributePeers });
      const look = await port.look();
      const plan = planReap(look, { max: left, isSelf: server.isSelf });
      left -= plan.kills.length;
      planned.push({ target: server.source.target, port, look, plan });
    } catch (error) {
      if (!isStopped(io)) onFailure(error);
    }
  }
  return planned;
}

/** Waits, if there is something to wait for. False if Ctrl-C ended the wait. */
async function waitFor(ms: number, purpose: string, { io, console }: ReapSession): Promise<boolean> {
  if (ms === 0) return true;
  try {
    await pause(io, console, ms, purpose);
    return true;
  } catch (error) {
    if (isStopped(io)) return false;
    throw error;
  }
}

async function closePlanned(
  server: PlannedServer,
  { options, io, console, interruption }: ReapSession,
  onFailure: (error: unknown) => void,
): Promise<ServerOutcome> {
  const { target, port, plan } = server;
  let done = 0;
  function onResult(result: KillResult): void {
    done += 1;
    if (!options.json) console.print([renderKillResult(result, console)]);
    console.progress(`${target}: ${done} of ${plan.kills.length}`);
  }
  const report = await interruption.holdBack(() => runReap(plan, port, { signal: io.signal, onResult }));
  const outcome = { ...outcomeOf(server), report };
  if (!options.json) console.print(renderReapReport(outcome, console));
  if (report.failure) onFailure(report.failure.error);
  return outcome;
}

/** Looks at the servers again, because owners that run connect again. */
async function settleAll(
  planned: readonly PlannedServer[],
  outcomes: readonly ServerOutcome[],
  session: ReapSession,
  onFailure: (error: unknown) => void,
): Promise<ServerOutcome[]> {
  const { options, console } = session;
  const hasClosed = sumResults(outcomes).closed > 0 && options.settle > 0;
  if (!hasClosed || !(await waitFor(options.settle, 'connections that return', session)))
    return [...outcomes];
  return Promise.all(
    outcomes.map(async (outcome, index) => {
      const { port, look } = planned[index] as PlannedServer;
      if (sumResults([outcome]).closed === 0) return outcome;
      try {
        const settled = { ...outcome, settlement: await settle(outcome, look, port, options.settle) };
        if (!options.json) console.print(renderSettlement(settled, console));
        return settled;
      } catch (error) {
        if (!isStopped(session.io)) onFailure(error);
        return outcome;
      }
    }),
  );
}

async function settle(
  { report }: ServerOutcome,
  { ids }: Look,
  port: ReapPort,
  settleMs: number,
): Promise<Settlement> {
  const closed = report?.results.filter(({ outcome }) => outcome === 'closed') ?? [];
  const rows = await port.list();
  const returned = findReturned(
    ids,
    closed.map(({ kill }) => kill.row),
    rows,
  );
  return { afterSeconds: settleMs / 1000, clients: rows.length, returned };
}

export interface Interruption {
  /** Streams whose signal Ctrl-C aborts, unless it is held back. */
  readonly io: CommandIo;
  /** Holds Ctrl-C back while `run` is under way. */
  readonly holdBack: <T>(run: () => Promise<T>) => Promise<T>;
}

/** Ctrl-C ends connections to servers at once, except while connections are being closed: that ends between two batches. */
export function createInterruption(io: CommandIo): Interruption {
  const connections = new AbortController();
  let isHeld = false;
  const stop = () => {
    if (!isHeld) connections.abort(io.signal.reason);
  };
  if (isStopped(io)) stop();
  else io.signal.addEventListener('abort', stop, { once: true });
  return {
    io: { ...io, signal: connections.signal },
    holdBack(run) {
      isHeld = true;
      return run().finally(() => (isHeld = false));
    },
  };
}

const isStopped = ({ signal }: CommandIo) => signal.aborted;

export type Failures = ReturnType<typeof createFailures>;

/** Prints failures, and collects them for the JSON output. */
export function createFailures(console: Console, exit: CommandHost['exit']) {
  const collected: HygieneError[] = [];
  return {
    collected,
    add: (error: unknown): void => {
      printFailure(error, console);
      exit(2);
      if (error instanceof HygieneError) collected.push(error);
    },
  };
}

function printFailure(error: unknown, console: Console): void {
  console.error(error);
  const isMissingRight = error instanceof HygieneError && error.code === 'HYG_TARGET_PERMISSION';
  if (isMissingRight) console.note(`Rights that reap needs: ${requiredRights.reap.join(' ')}`);
}
