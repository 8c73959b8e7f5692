import { describe, expect, test } from 'vitest';
import { clientLibraryNames } from '../../../../src/doctor/attribution/client-library.js';
import {
  codeLinesOf,
  libraryHeading,
  libraryLines,
  linePurposes,
} from '../../../../src/doctor/remedies/library-lines.js';

/** Longest line of code: what pages and terminals of 120 columns show without a break. */
const MAX_LINE_LENGTH = 116;

describe.each(clientLibraryNames)('the lines of %s', (library) => {
  const { lines, docs, versions } = libraryLines[library];

  test('serve all five purposes, and say for which versions, and where they are documented', () => {
    expect(Object.keys(lines).sort()).toEqual([...linePurposes].sort());
    expect(libraryHeading(library)).toContain(versions);
    expect(versions).toMatch(/\d/);
    expect(docs).toMatch(/^https:\/\//);
  });

  test('name the connections after a service, and close them', () => {
    expect(lines.name).toContain('orders');
    expect(lines.close).toMatch(/close|disconnect|shutdown|dispose|try \(/i);
  });

  test('are short', () => {
    for (const line of codeLinesOf(library)) expect(line.length, line).toBeLessThanOrEqual(MAX_LINE_LENGTH);
  });
});
