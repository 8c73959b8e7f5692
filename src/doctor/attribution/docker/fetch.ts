import { request } from 'node:http';
import { type Clock, systemClock } from '../../../core/clock.js';
import { HygieneError } from '../../../core/errors.js';
import { type Answer, ask } from '../ask.js';
import { type Container, readContainer } from './container.js';
import { enginePlaces, type Place } from './sockets.js';

/** How the engine is asked. */
export interface FetchOptions {
  /** `unix:///path`, `tcp://host:port` or `http://host:port`. @default DOCKER_HOST, then the usual sockets */
  readonly host?: string;
  /** Milliseconds for each place that is asked. @default 5000 */
  readonly timeoutMs?: number;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

const TIMEOUT_MS = 5_000;
/** A container takes 1 to 3 KB of the answer (measured: 1.1 KB with one network and Compose's labels). */
const MAX_BYTES = 64 * 2 ** 20;

type Failure = Exclude<Answer, { readonly kind: 'answer' }> & { readonly place: Place };

/**
 * Asks the engine, in one call, for its running containers.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`
 */
export async function fetchContainers(
  { host, timeoutMs = TIMEOUT_MS, env = process.env }: FetchOptions = {},
  clock: Clock = systemClock,
): Promise<readonly Container[]> {
  return fetchFrom(enginePlaces(host, env), timeoutMs, clock);
}

/**
 * Asks one place after the other, until one answers.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`
 */
export async function fetchFrom(
  places: readonly Place[],
  timeoutMs: number,
  clock: Clock,
): Promise<readonly Container[]> {
  const failures: Failure[] = [];
  for (const place of places) {
    const dial = () => request({ ...place.target, path: '/containers/json', agent: false });
    const answer = await ask(dial, { timeoutMs, maxBytes: MAX_BYTES }, clock);
    if (answer.kind === 'answer') return readAnswer(answer, place);
    failures.push({ ...answer, place });
  }
  throw unavailable(failures);
}

function readAnswer({ status, body }: Extract<Answer, { kind: 'answer' }>, place: Place): Container[] {
  const json = status === 200 ? parse(body) : undefined;
  if (Array.isArray(json)) return json.map(readContainer);
  throw strange(place, `status ${status} and "${body.slice(0, 80).replace(/\s+/g, ' ').trim()}"`);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // told with the first words of the body
  }
}

function strange({ label }: Place, got: string): HygieneError {
  const what = `At ${label}, ${got} came, expected a list of containers as JSON: does docker ps work with the same DOCKER_HOST?`;
  return sourceError(what, { place: label, got });
}

/** The most telling failure: an engine that is there, but not for us, tells more than sockets that do not exist. */
function unavailable(failures: readonly Failure[]): HygieneError {
  const found = failures.filter(({ kind }) => kind !== 'absent');
  const broken = found.find(({ kind }) => kind === 'broken');
  if (broken) return strange(broken.place, broken.why);
  const places = (found.length > 0 ? found : failures).map(({ place, why }) => `${place.label} (${why})`);
  const what = found.some(({ kind }) => kind === 'forbidden')
    ? `This user may not ask the container engine: ${places.join(', ')}. Use sudo, or join the group docker.`
    : `No container engine answers: ${places.join(', ')}. Start it, or let DOCKER_HOST name its socket.`;
  return sourceError(what, { places });
}

function sourceError(what: string, details: Readonly<Record<string, unknown>>): HygieneError {
  return new HygieneError('HYG_ATTRIBUTION_SOURCE', what, { details: { source: 'docker', ...details } });
}
