import type { Cluster, Redis } from 'ioredis';

/** Commands that begin something on a connection which later commands depend on. */
export type NoticedCommand = 'multi' | 'watch';

type Method = (this: Redis | Cluster, ...args: unknown[]) => unknown;

type WatchMethod = 'watch' | 'watchBuffer';

/** Methods that send any command, by its name. */
type GenericMethod = 'call' | 'callBuffer' | 'send_command';

type PipelineMethod = WatchMethod | GenericMethod;

type MethodName = 'multi' | 'multiBuffer' | WatchMethod | GenericMethod | 'pipeline';

/** Members of a pipeline that we use beyond its public types. */
interface Pipeline {
  readonly redis: Redis | Cluster;
  addBatch(commands: readonly unknown[]): unknown;
}

/**
 * Makes properties of a client, by which MULTI and WATCH are noticed just before they are sent: methods of these two
 * commands, those that send any command, and both of a pipeline. The methods of all other commands stay as they are.
 * What is given to `sendCommand()` is not noticed: that would mean work for each command.
 */
export function noticedMethods(
  notice: (client: Redis | Cluster, command: NoticedCommand) => void,
): PropertyDescriptorMap {
  function replace(
    name: MethodName,
    commandOf: (args: readonly unknown[]) => NoticedCommand | undefined,
  ): Method {
    return function replaced(this: Redis | Cluster, ...args): unknown {
      const command = commandOf(args);
      if (command) notice(this, command);
      return inheritedMethod(this, name, replaced).apply(this, args);
    };
  }
  const methods: Record<MethodName, Method> = {
    multi: replace('multi', (args) => (isUnpipelined(args) ? 'multi' : undefined)),
    multiBuffer: replace('multiBuffer', () => 'multi'), // ioredis sends MULTI at once, whatever the arguments
    watch: replace('watch', () => 'watch'),
    watchBuffer: replace('watchBuffer', () => 'watch'),
    call: replace('call', nameOf),
    callBuffer: replace('callBuffer', nameOf),
    send_command: replace('send_command', nameOf),
    pipeline: noticeWatchInPipelines((pipeline) => notice(pipeline.redis, 'watch')),
  };
  return Object.fromEntries(
    Object.entries(methods).map(([name, value]) => [name, { value, configurable: true, writable: true }]),
  );
}

/** Makes `pipeline()` return pipelines that notice WATCH. ioredis passes `commands` to a pipeline's own methods. */
function noticeWatchInPipelines(notice: (pipeline: Pipeline) => void): Method {
  function noticing(name: PipelineMethod, isWatch: (args: readonly unknown[]) => boolean = () => true) {
    return function noticed(this: Pipeline, ...args: unknown[]): unknown {
      if (isWatch(args)) notice(this);
      return (Object.getPrototypeOf(this) as Record<PipelineMethod, Method>)[name].apply(this as never, args);
    };
  }
  const isWatchByName = (args: readonly unknown[]) => nameOf(args) === 'watch';
  const methods: Record<PipelineMethod, unknown> = {
    watch: noticing('watch'),
    watchBuffer: noticing('watchBuffer'),
    call: noticing('call', isWatchByName),
    callBuffer: noticing('callBuffer', isWatchByName),
    send_command: noticing('send_command', isWatchByName),
  };
  return function pipeline(this: Redis | Cluster, commands): unknown {
    const made = inheritedMethod(this, 'pipeline', pipeline).apply(this, []) as Pipeline;
    Object.assign(made, methods);
    if (Array.isArray(commands)) made.addBatch(commands);
    return made;
  };
}

function nameOf([name]: readonly unknown[]): NoticedCommand | undefined {
  if (typeof name !== 'string' || name.length !== 5) return undefined;
  const command = name.toLowerCase();
  return command === 'multi' || command === 'watch' ? command : undefined;
}

/** Whether the commands of a transaction are sent one by one. */
function isUnpipelined([commands, options]: readonly unknown[]): boolean {
  const given = Array.isArray(commands) ? options : (options ?? commands);
  return (given as { pipeline?: boolean } | undefined)?.pipeline === false;
}

/**
 * Makes the property `client` of a client, by which a name is noticed that the application gives its connection. Noticed
 * once the server has taken it, because the command may wait for another connection.
 */
export function noticedClientMethod(
  notice: (client: Redis | Cluster, name: string) => void,
): PropertyDescriptor {
  function client(this: Redis | Cluster, ...args: unknown[]): unknown {
    const reply = inheritedMethod(this, 'client', client).apply(this, args);
    const name = givenName(args);
    if (name === undefined || !(reply instanceof Promise)) return reply;
    const taken = reply.then((answer: unknown) => {
      notice(this, name);
      return answer;
    });
    if (typeof args.at(-1) !== 'function') return taken; // whose rejection is the caller's to handle, as that of `reply`
    taken.catch(() => undefined); // the callback hears of it
    return reply;
  }
  return { value: client, configurable: true, writable: true };
}

function givenName([subcommand, name]: readonly unknown[]): string | undefined {
  const isGiven = typeof subcommand === 'string' && /^setname$/i.test(subcommand);
  return isGiven && typeof name === 'string' ? name : undefined;
}

/** The method of the client's class, even if `client` is a wrapper that has the client as its prototype. */
function inheritedMethod(client: object, name: MethodName | 'client', own: Method): Method {
  const prototype = Object.getPrototypeOf(client) as Record<MethodName | 'client', Method>;
  return prototype[name] === own ? inheritedMethod(prototype, name, own) : prototype[name];
}
