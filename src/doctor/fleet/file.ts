import { isCollection, isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { HygieneError } from '../../core/errors.js';
import { readFileText } from '../file-text.js';
import { createChecks, type Path, type Problem } from './checks.js';
import type { Fleet } from './fleet.js';
import { readFleet } from './shape.js';

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
