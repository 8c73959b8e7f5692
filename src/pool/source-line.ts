import type * as Inspector from 'node:inspector';
import type { Runtime, Session } from 'node:inspector';
import { findSourceMap } from 'node:module';

/** V8's id of a script → its URL. Ids are not given twice. */
const urls = new Map<string, string>();

/** Where the function is handed over to the inspector, for a moment. */
const SLOT = Symbol.for('redis-hygiene.located');

/** Answers of the inspector come within the call. */
function ask<Answer>(
  send: (callback: (error: Error | null, answer: Answer) => void) => void,
): Answer | undefined {
  const seen: { answer?: Answer } = {};
  send((error, answer) => {
    if (!error) seen.answer = answer;
  });
  return seen.answer;
}

/** A bound function has no line of its own. */
function locationOf(session: Session, objectId: string): Runtime.RemoteObject | undefined {
  const answer = ask<Runtime.GetPropertiesReturnType>((done) =>
    session.post('Runtime.getProperties', { objectId, ownProperties: true }, done),
  );
  const inner = (slot: string) => answer?.internalProperties?.find(({ name }) => name === slot)?.value;
  const bound = inner('[[TargetFunction]]')?.objectId;
  return bound === undefined ? inner('[[FunctionLocation]]') : locationOf(session, bound);
}

function findLocation(session: Session, target: object): Runtime.RemoteObject | undefined {
  const slots = globalThis as unknown as Record<symbol, unknown>;
  slots[SLOT] = target;
  try {
    const expression = `globalThis[Symbol.for('${SLOT.description ?? ''}')]`;
    const found = ask<Runtime.EvaluateReturnType>((done) =>
      session.post('Runtime.evaluate', { expression }, done),
    );
    const objectId = found?.result.objectId;
    return objectId === undefined ? undefined : locationOf(session, objectId);
  } finally {
    Reflect.deleteProperty(slots, SLOT);
  }
}

/** Has the inspector tell of all scripts: some 20 ms, so only where an id is new. */
function urlOf(session: Session, scriptId: string): string | undefined {
  if (!urls.has(scriptId)) {
    session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
    session.post('Debugger.enable');
    session.post('Debugger.disable');
  }
  return urls.get(scriptId);
}

/** The line that the author wrote, where the process knows source maps. */
function mapped(url: string, line: number, column: number): string {
  const origin = findSourceMap(url)?.findEntry(line, column);
  if (origin && 'originalSource' in origin) {
    return `${origin.originalSource}:${origin.originalLine + 1}:${origin.originalColumn + 1}`;
  }
  return `${url}:${line + 1}:${column + 1}`;
}

function locate({ Session }: typeof Inspector, target: object): string | undefined {
  const session = new Session();
  session.connect();
  try {
    const value = findLocation(session, target)?.value as
      { scriptId: string; lineNumber: number; columnNumber: number } | undefined;
    const url = value && urlOf(session, value.scriptId);
    return url && mapped(url, value.lineNumber, value.columnNumber);
  } finally {
    session.disconnect();
  }
}

/**
 * The source line of a function, as `file:line:column`, from V8's own inspector: the function itself does not know.
 * Nothing where a process may not inspect itself.
 */
export function locateFunction(target: object): string | undefined {
  try {
    return locate(process.getBuiltinModule('node:inspector'), target);
  } catch {
    return undefined; // a Node without an inspector, or one whose permissions forbid it
  }
}
