const MOCK =
  /\.\s*(?:mock|doMock|unstable_mockModule|mockModule|module|setMock)\s*\(\s*(['"`])([^'"`\n]+)\1/g;
const IMPORT_MOCK = /\.\s*(?:mock|doMock)\s*\(\s*import\s*\(\s*(['"`])([^'"`\n]+)\1/g;

/** The modules that a test replaces (vitest, jest, node:test): what it makes of them connects to nothing. */
export function mockedModules(text: string): ReadonlySet<string> {
  const calls = [MOCK, IMPORT_MOCK].flatMap((pattern) => [...text.matchAll(pattern)]);
  return new Set(calls.map(([, , module = '']) => module));
}
