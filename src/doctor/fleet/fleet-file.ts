import { type Document, isCollection, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { HygieneError } from '../../core/errors.js';
import { sanitizePart } from '../../identity/connection-name.js';
import { readFileText } from '../text/file-text.js';
import {
  createDocumentChecker,
  type DocumentChecker,
  type DocumentNode,
  type Mapping,
  type Path,
  type Problem,
} from './document-checks.js';
import { DEFAULT_SURGE, type Fleet, type FleetService, type FleetTarget, type FleetUse } from './fleet.js';

/**
 * Reads a fleet file.
 *
 * @throws HygieneError `HYG_CLI_FILE`, `HYG_FLEET_INVALID`
 */
export async function readFleetFile(file: string): Promise<Fleet> {
  const text = await readFileText(file).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HygieneError('HYG_CLI_FILE', `The fleet file cannot be read: ${reason}.`);
  });
  return parseFleet(text, file);
}

/**
 * Reads a fleet from YAML.
 *
 * @param file the name of the file, for messages
 * @throws HygieneError `HYG_FLEET_INVALID`, with line and column of every mistake
 */
export function parseFleet(text: string, file: string): Fleet {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const formatPosition = (offset = 0) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line || 1}:${col || 1}`;
  };
  if (document.errors.length > 0) {
    throw invalidFileError(
      file,
      document.errors.map(({ message, pos }) => `${formatPosition(pos[0])} ${message}`),
    );
  }
  const problems: Problem[] = [];
  const checker = createDocumentChecker((problem) => problems.push(problem));
  const fleet = readFleet(checker, contentOf(document, file));
  if (problems.length === 0) return fleet;
  throw invalidFileError(
    file,
    problems.map(({ path, message }) =>
      [formatPosition(offsetOf(document, path)), path.length > 0 ? `${path.join('.')}:` : '', message]
        .filter(Boolean)
        .join(' '),
    ),
  );
}

/** The content of a document. An alias that is not defined, or expands too far, is only found here. */
function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ mapAsMap: true });
  } catch (error) {
    throw invalidFileError(file, [error instanceof Error ? error.message : String(error)]);
  }
}

/** Limit of problems in the message of an error, so that it stays readable. */
const MAX_SHOWN_PROBLEMS = 20;

function invalidFileError(file: string, problems: readonly string[]): HygieneError {
  const hiddenCount = problems.length - MAX_SHOWN_PROBLEMS;
  const lines = [
    ...problems.slice(0, MAX_SHOWN_PROBLEMS),
    ...(hiddenCount > 0 ? [`… and ${hiddenCount} more`] : []),
  ];
  return new HygieneError('HYG_FLEET_INVALID', `${file} is not a valid fleet file:\n${lines.join('\n')}\n`, {
    details: { file, problems },
  });
}

/** Offset of a path in the text: its last key, or else the nearest part around it. */
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

const FILE_KEYS = ['targets', 'services'] as const;
const TARGET_KEYS = ['maxclients', 'reserve'] as const;
const COUNT_KEYS = ['connections', 'pools', 'connections-outside-pools'] as const;
const SERVICE_KEYS = ['replicas', 'processes', 'surge', 'target', 'targets', ...COUNT_KEYS] as const;

/** Reads the content of a fleet file. The result is only valid if the checker has reported no problem. */
function readFleet(checker: DocumentChecker, content: unknown): Fleet {
  const map = checker.mapping({ path: [], value: content }, FILE_KEYS);
  if (!map) return { targets: [], services: [] };
  const entriesOf = (key: (typeof FILE_KEYS)[number]) => {
    const entries = checker.mapping(map.at(key))?.entries() ?? [];
    if (entries.length === 0 && map.at(key).value instanceof Map) checker.addProblem([key], 'is empty');
    return entries;
  };
  const targets = entriesOf('targets').map(([name, node]) => readTarget(checker, name, node));
  const services = entriesOf('services').flatMap(([name, node]) => readService(checker, name, node, targets));
  checkDistinctNames(
    checker,
    services.map(({ name }) => name),
  );
  return { targets, services };
}

function readTarget(checker: DocumentChecker, name: string, node: DocumentNode): FleetTarget {
  const unspecified = { name, maxclients: undefined, reserve: undefined };
  if (node.value === null) return unspecified; // `main:` alone: the server is asked
  const map = checker.mapping(node, TARGET_KEYS);
  if (!map) return unspecified;
  const maxclients = map.has('maxclients') ? checker.wholeNumber(map.at('maxclients'), 1) : undefined;
  const reserve = map.has('reserve') ? checker.amount(map.at('reserve')) : undefined;
  const whole = reserve && 'percent' in reserve ? 100 : maxclients;
  const reserved = reserve && ('percent' in reserve ? reserve.percent : reserve.count);
  if (reserved !== undefined && whole !== undefined && reserved >= whole) {
    checker.addProblem(map.at('reserve').path, 'leaves no room for any connection');
  }
  return { name, maxclients, reserve };
}

function readService(
  checker: DocumentChecker,
  name: string,
  node: DocumentNode,
  targets: readonly FleetTarget[],
): FleetService[] {
  const map = checker.mapping(node, SERVICE_KEYS);
  if (!map) return [];
  return [
    {
      name,
      replicas: checker.wholeNumber(map.at('replicas'), 0) ?? 0,
      processes: (map.has('processes') ? checker.wholeNumber(map.at('processes'), 1) : 1) ?? 1,
      surge: (map.has('surge') ? checker.amount(map.at('surge')) : DEFAULT_SURGE) ?? DEFAULT_SURGE,
      uses: readUses(checker, map, targets),
    },
  ];
}

function readUses(checker: DocumentChecker, map: Mapping, targets: readonly FleetTarget[]): FleetUse[] {
  return map.has('targets')
    ? readUsesOfSeveralTargets(checker, map, targets)
    : readUseOfOneTarget(checker, map, targets);
}

function readUsesOfSeveralTargets(
  checker: DocumentChecker,
  map: Mapping,
  targets: readonly FleetTarget[],
): FleetUse[] {
  for (const key of ['target', ...COUNT_KEYS].filter((one) => map.has(one))) {
    checker.addProblem(map.at(key).path, 'move it under each of targets');
  }
  const entries = checker.mapping(map.at('targets'))?.entries() ?? [];
  return entries.flatMap(([target, node]) => {
    const counts = checker.mapping(node, COUNT_KEYS);
    if (!counts || !checkTarget(checker, node, target, targets)) return [];
    return [{ target, connections: readConnections(checker, counts) }];
  });
}

function readUseOfOneTarget(
  checker: DocumentChecker,
  map: Mapping,
  targets: readonly FleetTarget[],
): FleetUse[] {
  const connections = readConnections(checker, map);
  const node = map.at('target');
  const target = map.has('target') ? node.value : onlyTargetOf(targets);
  if (target === undefined) {
    checker.addProblem(map.node.path, 'needs target, because the file has several targets');
  } else if (checkTarget(checker, node, target, targets)) return [{ target, connections }];
  return [];
}

/** The target of a service that names none. */
function onlyTargetOf(targets: readonly FleetTarget[]): string | undefined {
  return targets.length === 1 ? targets[0]?.name : undefined;
}

function checkTarget(
  checker: DocumentChecker,
  { path }: DocumentNode,
  name: unknown,
  targets: readonly FleetTarget[],
): name is string {
  if (targets.some((target) => target.name === name)) return true;
  const names = targets.map((target) => target.name).join(', ');
  checker.addProblem(path, `no such target; the targets are ${names}`);
  return false;
}

/** Connections of one process: a number, or the sizes of its pools plus what it opens outside of them. */
function readConnections(checker: DocumentChecker, map: Mapping): number {
  const [limit, pools, outside] = COUNT_KEYS;
  const { path } = map.node;
  if (map.has(limit) === map.has(pools)) {
    checker.addProblem(
      path,
      map.has(limit) ? `has both ${limit} and ${pools}` : `needs ${limit} or ${pools}`,
    );
    return 1;
  }
  if (map.has(limit)) {
    if (map.has(outside)) checker.addProblem(map.at(outside).path, `is only allowed with ${pools}`);
    return checker.wholeNumber(map.at(limit), 1) ?? 1;
  }
  const sizes = checker.wholeNumbers(map.at(pools), 1) ?? [];
  const outsidePools = map.has(outside) ? checker.wholeNumber(map.at(outside), 0) : 0;
  return sizes.reduce((total, size) => total + size, outsidePools ?? 0);
}

/** Rejects services such as `a b` and `a-b`, whose connections have the same name on a server. */
function checkDistinctNames(checker: DocumentChecker, names: readonly string[]): void {
  const namesBySanitized = new Map<string, string>();
  for (const name of names) {
    const sanitized = sanitizePart(name);
    const other = namesBySanitized.get(sanitized);
    if (other !== undefined) {
      checker.addProblem(
        ['services', name],
        `has the same name as ${other} in connection names: ${sanitized}`,
      );
    }
    namesBySanitized.set(sanitized, name);
  }
}
