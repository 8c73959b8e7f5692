import type { Cluster, Redis } from 'ioredis';
import type { SentCommand } from '../ioredis/command-replies.js';

/** Called with each command that is sent. `node` is where a Cluster sends the command of a pipeline. */
export type CommandRecorder = (command: SentCommand, node?: { readonly slot?: number }) => void;

type SendCommand = (
  this: unknown,
  command: SentCommand,
  stream?: unknown,
  node?: { readonly slot?: number },
) => unknown;

/** The recorders of a client that has a `sendCommand` of ours. */
interface Interception {
  readonly recorders: Set<CommandRecorder>;
  /** Takes our `sendCommand` off again. */
  readonly end: () => void;
}

const interceptions = new WeakMap<object, Interception>();

/**
 * Calls `record` for each command that the client sends, until the returned function is called, which returns whether this
 * was its first call. Only in between the client has a `sendCommand` of ours, so commands cost nothing at any other time.
 */
export function interceptCommands(client: Redis | Cluster, record: CommandRecorder): () => boolean {
  const interception = interceptions.get(client) ?? startInterception(client);
  const { recorders } = interception;
  recorders.add(record);
  return () => {
    const wasActive = recorders.delete(record);
    if (wasActive && recorders.size === 0) interception.end();
    return wasActive;
  };
}

function startInterception(client: Redis | Cluster): Interception {
  const own = Object.getOwnPropertyDescriptor(client, 'sendCommand');
  const given = own?.value as SendCommand | undefined;
  const recorders = new Set<CommandRecorder>();
  const sendCommand: SendCommand = function (command, stream, node) {
    for (const record of recorders) record(command, node);
    const send = given ?? (Object.getPrototypeOf(client) as { sendCommand: SendCommand }).sendCommand;
    return Reflect.apply(send, this, [command, stream, node]);
  };
  Object.defineProperty(client, 'sendCommand', { value: sendCommand, configurable: true, writable: true });
  function end(): void {
    interceptions.delete(client);
    // The application may have wrapped it meanwhile: then it stays, and passes all commands on.
    if ((client.sendCommand as SendCommand) !== sendCommand) return;
    if (own) Object.defineProperty(client, 'sendCommand', own);
    else Reflect.deleteProperty(client, 'sendCommand');
  }
  const interception = { recorders, end };
  interceptions.set(client, interception);
  return interception;
}
