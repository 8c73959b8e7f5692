import fc from 'fast-check';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { ManagedConnection } from '../../../../src/connect/connection/managed-connection.js';
import type { ConnectionOwner } from '../../../../src/connect/connection/connection-terms.js';
import { enforceConnector } from '../../../../src/connect/connectors/enforced-connector.js';
import type { Connector, ConnectorClass } from '../../../../src/connect/ioredis/internals.js';
import { createHealthCheckScheduler } from '../../../../src/liveness/health-check-scheduler.js';
import { createOrphans } from '../../../../src/liveness/orphans.js';
import { createBudget } from '../../../../src/ledger/budget.js';
import { createCallSiteMonitor, createConnectionCounts } from '../../../../src/ledger/connection-counts.js';
import { createLedger } from '../../../../src/ledger/ledger.js';
import { createFakeClock, turn } from '../../../support/unit/fake-clock.js';
import { ModelSocket } from '../../../support/unit/connect/model-socket.js';
import { defaultSettings } from '../../../support/unit/liveness/health-check-harness.js';
import { facts, idle } from '../../../support/unit/ledger/fake-handle.js';
import { checkModel, MODEL_TIMEOUT_MS } from '../../../support/unit/model-check.js';
import { quietPorts } from '../../../support/unit/liveness/orphans-harness.js';

const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('connect' as const, 'connect', 'turn') },
  {
    weight: 4,
    arbitrary: fc.constantFrom('dialled' as const, 'dialled', 'dial failed', 'up', 'up', 'ready'),
  },
  { weight: 3, arbitrary: fc.constantFrom('closes' as const, 'breaks', 'closes late', 'stale') },
  { weight: 2, arbitrary: fc.constantFrom('disconnect' as const, 'disconnect for a redial', 'redial') },
);
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

/** One client, reduced to what it asks of its connector, and the sockets that it gets. */
class ClientModel {
  readonly #clock = createFakeClock();
  readonly #counts = createConnectionCounts();
  readonly #sockets: ModelSocket[] = [];
  readonly #faults: unknown[] = [];
  readonly #ledger = createLedger({
    clock: this.#clock,
    onMove: () => undefined,
    budget: createBudget({ limit: 1, callSiteFrames: 3, counts: this.#counts }),
    callSiteMonitor: createCallSiteMonitor(10, () => undefined),
  });
  readonly #connection: ManagedConnection;
  readonly #connector: Connector;
  /** Ends the dial that is in progress, with a socket or an error. */
  #endDial: ((error?: Error) => void) | undefined;
  #isConnecting = false;
  #isClosing = false;
  /** Number of sockets when the dial in progress began. */
  #socketsBefore = 0;
  /** disconnect() was called before the dial in progress had a socket. */
  #isCancelled = false;

  constructor(isLibrary: boolean) {
    const ignore = () => undefined;
    this.#connection = new ManagedConnection(facts, 15_000, {
      ledger: this.#ledger,
      healthChecks: createHealthCheckScheduler({
        clock: this.#clock,
        readTcpStates: (flows) => Promise.resolve(flows.map(() => ({ kind: 'acknowledged' }))),
      }),
      orphans: createOrphans({ clock: this.#clock, onOrphan: ignore, ...quietPorts }),
      settings: defaultSettings,
      ...{ onFailure: ignore, onStale: ignore, onStalled: ignore, onRecovered: ignore, onOverride: ignore },
    });
    const Enforced = enforceConnector(this.#baseConnector(), this.#baseConnector(), {
      assertOpen: ignore,
      createConnection: () => this.#connection,
      waitForDial: ignore,
    });
    this.#connector = new Enforced({});
    if (!isLibrary) this.#connection.adopt(this.#owner());
  }

  #owner(): ConnectionOwner {
    const ignore = () => undefined;
    return {
      ...{ dialNow: ignore, endWait: ignore, onSocketClosed: ignore, onEnded: ignore },
      ...{ ping: () => Promise.resolve(), mayBeAsked: () => true },
      ...{ clusterCallSite: ignore, isInTransaction: () => false, pausePingsWhile: ignore },
      ...{ onTransactionOpening: ignore, onWatchOpening: ignore },
      ...{ rejectOverdueCommands: ignore, skipDefaultDelay: ignore },
      ...{ rejectSentCommands: ignore, quit: ignore, destroy: ignore },
      isClosing: () => this.#isClosing,
      willRedial: () => !this.#isClosing,
      selectedDatabase: () => 0,
      work: () => idle,
      progress: () => idle,
      isInUse: () => false,
      expectation: () => 'nothing',
    };
  }

  /** A connector as ioredis has it, whose dial ends when the test says so. */
  #baseConnector(): ConnectorClass {
    const waitForEnd = () =>
      new Promise<void>((resolve, reject) => {
        this.#endDial = (error) => (error ? reject(error) : resolve());
      });
    const createSocket = () => {
      const socket = new ModelSocket();
      this.#sockets.push(socket);
      return socket.asSocket();
    };
    class BaseConnector {
      connecting = false;
      stream: Socket | undefined;
      async connect(): Promise<Socket> {
        this.connecting = true;
        await waitForEnd();
        if (this.isCancelled()) throw new Error('Connection is closed.');
        return (this.stream = createSocket());
      }
      isCancelled(): boolean {
        return !this.connecting;
      }
      disconnect(): void {
        this.connecting = false;
        this.stream?.end();
      }
    }
    return BaseConnector as unknown as ConnectorClass;
  }

  #open(): ModelSocket[] {
    return this.#sockets.filter(({ closed }) => !closed);
  }

  /** ioredis refuses connect() while a dial is in progress, and allows it whatever became of the last socket. */
  #connect(): void {
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    this.#isClosing = this.#isCancelled = false;
    this.#socketsBefore = this.#sockets.length;
    this.#connector
      .connect(() => undefined)
      .then(
        () => {
          this.#isConnecting = false;
          if (this.#isCancelled) this.#faults.push('a dial went on after disconnect()');
        },
        (error: unknown) => {
          this.#isConnecting = false;
          if (!/Connection is closed|refused/.test(String(error))) this.#faults.push(error);
        },
      );
  }

  #endDialWith(error?: Error): void {
    this.#endDial?.(error);
    this.#endDial = undefined;
  }

  async take(step: Step): Promise<void> {
    const socket = this.#open().at(-1);
    if (step === 'connect') this.#connect();
    else if (step === 'turn') await turn();
    else if (step === 'dialled') this.#endDialWith();
    else if (step === 'dial failed') this.#endDialWith(new Error('refused'));
    else if (step === 'up') socket?.up();
    else if (step === 'ready') this.#connection.onReady();
    else if (step === 'closes') socket?.gone();
    else if (step === 'breaks') socket?.gone(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    else if (step === 'closes late')
      this.#open()
        .filter(({ destroyed }) => destroyed)
        .forEach((one) => one.gone());
    else if (step === 'stale') this.#connection.monitor?.onStale('kernel', 1);
    else if (step === 'redial') this.#connection.redial();
    else {
      this.#isClosing ||= step === 'disconnect';
      // A client of ours that is only told to connect again goes on with its dial.
      const isCancelling = this.#isClosing || !this.#connection.owner;
      const isDialling = this.#isConnecting && this.#sockets.length === this.#socketsBefore;
      if (isDialling && isCancelling) this.#isCancelled = true;
      this.#connector.disconnect();
    }
    await Promise.resolve();
    this.check();
  }

  check(): void {
    expect(this.#faults).toEqual([]);
    expect(this.#open().length, 'sockets').toBeLessThanOrEqual(1);
    expect(this.#ledger.entries().length, 'entries in the ledger').toBe(this.#counts.used);
    const [entry] = this.#ledger.entries();
    const connected = this.#open().some(({ connecting, destroyed }) => !connecting && !destroyed);
    if (connected) expect(entry?.state.kind, 'the state of an open socket').toMatch(/^(connected|ready)$/);
  }

  /** Everything closes in the end, and a client can be connected after that. */
  async end(): Promise<void> {
    for (let round = 0; round < 5; round += 1) {
      await this.take('disconnect');
      await this.take('dialled');
      await this.take('turn');
      await this.take('closes');
    }
    expect([this.#open(), this.#ledger.entries(), this.#counts.used]).toEqual([[], [], 0]);
    for (const step of ['connect', 'turn', 'dialled', 'turn', 'up', 'ready'] as const) await this.take(step);
    expect(this.#ledger.snapshot().map(({ state }) => state)).toEqual(['ready']);
  }
}

test(
  'in any order of dials, losses and disconnects a client has one socket, and one entry in the ledger',
  { timeout: MODEL_TIMEOUT_MS },
  async () => {
    const anyRun = fc.record({
      isLibrary: fc.boolean(),
      steps: fc.array(anyStep, { maxLength: 80, size: 'max' }),
    });
    await checkModel({ runs: 500, minSteps: 15_000 }, anyRun, async ({ isLibrary, steps }, onStep) => {
      const model = new ClientModel(isLibrary);
      for (const step of steps) {
        await model.take(step);
        onStep();
      }
      await model.end();
    });
  },
);
