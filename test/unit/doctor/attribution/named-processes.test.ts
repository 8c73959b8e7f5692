import { expect, test } from 'vitest';
import type { Attribution } from '../../../../src/doctor/attribution/attribution.js';
import { attributionsWithProcesses } from '../../../../src/doctor/attribution/named-processes.js';

const named = (owner: string): Attribution => ({ owner, source: 'name', confidence: 'certain' });
const process = (pid: number, note?: string): Attribution => ({
  ...{ owner: `node a.js (pid ${pid})`, source: 'process', confidence: 'certain' },
  ...(note !== undefined && { note }),
});

/** The notes of peers, each given by its attributions, the best first. */
function notesOf(...peers: readonly (readonly [Attribution, ...Attribution[]])[]) {
  const result = {
    attributionOf: (peer: number) => peers[peer]?.[0] as Attribution,
    alternativesOf: (peer: number) => peers[peer]?.slice(1) ?? [],
    warnings: [],
  };
  return attributionsWithProcesses(result, peers.length).map(({ note }) => note);
}

test('a named owner has its process and folder as its note, also where one connection has none', () => {
  const note = 'process node a.js (pid 7) in /srv/shop';
  expect(notesOf([named('a@vm'), process(7, 'in /srv/shop')], [named('a@vm')], [named('b@vm')])).toEqual([
    ...[note, note, undefined],
  ]);
});

test('several processes are listed, and very many counted', () => {
  const peers = [7, 8, 9, 10, 11].map((pid) => [named('a@vm'), process(pid)] as const);
  expect(notesOf(...peers.slice(0, 2))[0]).toBe('2 processes: node a.js (pid 7), node a.js (pid 8)');
  expect(notesOf(...peers)[0]).toBe(
    '5 processes: node a.js (pid 7), node a.js (pid 8), node a.js (pid 9), and 2 more',
  );
});

test('other owners keep their notes, and an ambiguous process is no process of the owner', () => {
  const unknown: Attribution = {
    owner: '::1',
    source: 'process',
    confidence: 'ambiguous',
    note: 'of a user',
  };
  expect(notesOf([process(7, 'in /srv')], [named('a@vm'), unknown])).toEqual(['in /srv', undefined]);
});
