import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import { leadsOf } from './leads.js';
import type { Origin, Surroundings, Trail } from './origin.js';
import { lookAround } from './surroundings.js';

/** The origins of a value: several where it is one thing or another, none where it is nobody's. */
export type Trace = (node: TSESTree.Node) => readonly Origin[];

/** No honest path is longer; `a = a.next` would make one without end. */
const LONGEST_PATH = 12;

/** Each question is asked once, so `let a = b; let b = a` has an end, and a ladder of conditions no 2^n. */
function follow(start: TSESTree.Node, surroundings: Surroundings): Origin[] {
  const asked = new Map<TSESTree.Node, Set<string>>();
  const open: Trail[] = [{ node: start, steps: [] }];
  const found: Origin[] = [];
  for (let trail = open.pop(); trail; trail = open.pop()) {
    if (!trail.node) continue;
    const before = asked.get(trail.node) ?? new Set();
    const question = trail.steps.join('.');
    if (before.has(question) || trail.steps.length > LONGEST_PATH) continue;
    asked.set(trail.node, before.add(question));
    for (const lead of leadsOf(trail, surroundings)) {
      if ('module' in lead) found.push(lead);
      else open.push(lead);
    }
  }
  return found;
}

function createTrace(sourceCode: Readonly<TSESLint.SourceCode>): Trace {
  const known = new WeakMap<TSESTree.Node, readonly Origin[]>();
  const trace: Trace = (node) => {
    const before = known.get(node);
    if (before) return before;
    known.set(node, []); // what asks for itself gets no answer
    const origins = follow(node, surroundings);
    known.set(node, origins);
    return origins;
  };
  const surroundings = lookAround(sourceCode, trace);
  return trace;
}

const traces = new WeakMap<object, Trace>();

/** "Where does this value come from?" for the nodes of one file; all rules share the answers. */
export function traceOf(sourceCode: Readonly<TSESLint.SourceCode>): Trace {
  const trace = traces.get(sourceCode.ast) ?? createTrace(sourceCode);
  traces.set(sourceCode.ast, trace);
  return trace;
}
