import { type Document, isCollection, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { HygieneError } from '../../core/errors.js';
import { sanitizePart } from '../../identity/connection-name.js';
import { readFileText } from '../text/file-text.js';
import {
  type Checks,
  createChecks,
  type Mapping,
  type Path,
  type DocumentNode,
  type Problem,
} from './document-checks.js';
import { DEFAULT_SURGE, type Fleet, type FleetService, type FleetTarget, type FleetUse } from './fleet.js';

/** More of them tell nobody more. */
const SHOWN_PROBLEMS = 20;

function invalid(file: string, problems: readonly string[]): HygieneError {
  const more = problems.length - SHOWN_PROBLEMS;
  const lines = [...problems.slice(0, SHOWN_PROBLEMS), ...(more > 0 ? [`… and ${more} more`] : [])];
  return new HygieneError('HYG_FLEET_INVALID', `${file} is no fleet file:\n${lines.join('\n')}\n`, {
    details: { file, problems },
  });
}

/** Where in the text something begins: the key that leads to it, or what is around it. */
function offsetOf(document: Document, path: Path): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const [parent, key] = [document.getIn(path.slice(0, length - 1), true), path[length - 1]];
    if (length === 0) return isNode(document.contents) ? document.contents.range?.[0] : undefined;
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
    } else if (isCollection(parent)) {
      const item = document.getIn(path.slice(0, length), true);
      if (isNode(item) && item.range) return item.range[0];
    }
  }
  return undefined;
}

/**
 * Reads a fleet out of YAML.
 *
 * @param file its name, for messages
 * @throws HygieneError `HYG_FLEET_INVALID`, with the place of everything that is wrong
 */
export function parseFleet(text: string, file: string): Fleet {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const at = (offset = 0) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line || 1}:${col || 1}`;
  };
  if (document.errors.length > 0) {
    throw invalid(
      file,
      document.errors.map(({ message, pos }) => `${at(pos[0])} ${message}`),
    );
  }
  const problems: Problem[] = [];
  const fleet = readFleet(
    createChecks((problem) => problems.push(problem)),
    contentOf(document, file),
  );
  if (problems.length === 0) return fleet;
  throw invalid(
    file,
    problems.map(({ path, what }) =>
      [at(offsetOf(document, path)), path.length > 0 ? `${path.join('.')}:` : '', what]
        .filter(Boolean)
        .join(' '),
    ),
  );
}

/** An alias that leads nowhere, or to too much, is found only here. */
function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ mapAsMap: true });
  } catch (error) {
    throw invalid(file, [error instanceof Error ? error.message : String(error)]);
  }
}

/** @throws HygieneError `HYG_CLI_FILE`, `HYG_FLEET_INVALID` */
export async function readFleetFile(file: string): Promise<Fleet> {
  const text = await readFileText(file).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new HygieneError('HYG_CLI_FILE', `The fleet file cannot be read: ${why}.`);
  });
  return parseFleet(text, file);
}

const FILE_KEYS = ['targets', 'services'] as const;
const TARGET_KEYS = ['maxclients', 'reserve'] as const;
const COUNT_KEYS = ['connections', 'pools', 'connections-outside-pools'] as const;
const SERVICE_KEYS = ['replicas', 'processes', 'surge', 'target', 'targets', ...COUNT_KEYS] as const;

function readTarget(checks: Checks, name: string, place: DocumentNode): FleetTarget {
  const nothingSaid = { name, maxclients: undefined, reserve: undefined };
  if (place.value === null) return nothingSaid; // `main:` alone: the server is asked
  const map = checks.mapping(place, TARGET_KEYS);
  if (!map) return nothingSaid;
  const maxclients = map.has('maxclients') ? checks.whole(map.at('maxclients'), 1) : undefined;
  const reserve = map.has('reserve') ? checks.amount(map.at('reserve')) : undefined;
  const whole = reserve && 'percent' in reserve ? 100 : maxclients;
  const kept = reserve && ('percent' in reserve ? reserve.percent : reserve.count);
  if (kept !== undefined && whole !== undefined && kept >= whole) {
    checks.problem(map.at('reserve').path, 'leaves no room for any connection');
  }
  return { name, maxclients, reserve };
}

/** What each process opens: a number, or the sizes of its pools and what it opens besides. */
function readConnections(checks: Checks, map: Mapping): number {
  const [limit, pools, outside] = COUNT_KEYS;
  const { path } = map.place;
  if (map.has(limit) === map.has(pools)) {
    checks.problem(path, map.has(limit) ? `has both ${limit} and ${pools}` : `needs ${limit} or ${pools}`);
    return 1;
  }
  if (map.has(limit)) {
    if (map.has(outside)) checks.problem(map.at(outside).path, `stands with ${pools} only`);
    return checks.whole(map.at(limit), 1) ?? 1;
  }
  const sizes = checks.wholes(map.at(pools), 1) ?? [];
  const besides = map.has(outside) ? checks.whole(map.at(outside), 0) : 0;
  return sizes.reduce((total, size) => total + size, besides ?? 0);
}

/** The target that a service means when it names none. */
function onlyTarget(targets: readonly FleetTarget[]): string | undefined {
  return targets.length === 1 ? targets[0]?.name : undefined;
}

function readUses(checks: Checks, map: Mapping, targets: readonly FleetTarget[]): FleetUse[] {
  const known = (place: DocumentNode, name: unknown): name is string => {
    if (targets.some((target) => target.name === name)) return true;
    const names = targets.map((target) => target.name).join(', ');
    checks.problem(place.path, `no such target; there are ${names}`);
    return false;
  };
  if (map.has('targets')) {
    for (const key of ['target', ...COUNT_KEYS].filter((one) => map.has(one))) {
      checks.problem(map.at(key).path, 'belongs under each of targets');
    }
    const uses = checks.mapping(map.at('targets'))?.entries() ?? [];
    return uses.flatMap(([target, place]) => {
      const counts = checks.mapping(place, COUNT_KEYS);
      if (!counts || !known(place, target)) return [];
      return [{ target, connections: readConnections(checks, counts) }];
    });
  }
  const connections = readConnections(checks, map);
  const place = map.at('target');
  const target = map.has('target') ? place.value : onlyTarget(targets);
  if (target === undefined) checks.problem(map.place.path, 'needs target, as there are several');
  else if (known(place, target)) return [{ target, connections }];
  return [];
}

function readService(
  checks: Checks,
  name: string,
  place: DocumentNode,
  targets: readonly FleetTarget[],
): FleetService[] {
  const map = checks.mapping(place, SERVICE_KEYS);
  if (!map) return [];
  return [
    {
      name,
      replicas: checks.whole(map.at('replicas'), 0) ?? 0,
      processes: (map.has('processes') ? checks.whole(map.at('processes'), 1) : 1) ?? 1,
      surge: (map.has('surge') ? checks.amount(map.at('surge')) : DEFAULT_SURGE) ?? DEFAULT_SURGE,
      uses: readUses(checks, map, targets),
    },
  ];
}

/** In the names of connections, `a b` and `a-b` are one service: what is observed could be either's. */
function checkDistinct(checks: Checks, names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(sanitizePart(name));
    if (other !== undefined) {
      checks.problem(
        ['services', name],
        `is ${other} too in the names of connections: ${sanitizePart(name)}`,
      );
    }
    seen.set(sanitizePart(name), name);
  }
}

/** Reads the content of a fleet file. What is wrong with it is noted; then the fleet is not to be used. */
function readFleet(checks: Checks, content: unknown): Fleet {
  const map = checks.mapping({ path: [], value: content }, FILE_KEYS);
  if (!map) return { targets: [], services: [] };
  const named = (key: (typeof FILE_KEYS)[number]) => {
    const entries = checks.mapping(map.at(key))?.entries() ?? [];
    if (entries.length === 0 && map.at(key).value instanceof Map) checks.problem([key], 'names none');
    return entries;
  };
  const targets = named('targets').map(([name, place]) => readTarget(checks, name, place));
  const services = named('services').flatMap(([name, place]) => readService(checks, name, place, targets));
  checkDistinct(
    checks,
    services.map(({ name }) => name),
  );
  return { targets, services };
}
