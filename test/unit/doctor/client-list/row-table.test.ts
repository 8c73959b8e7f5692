import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClientRow, keepRow, viewRow } from '../../../../src/doctor/client-list/client-row.js';
import { createRowTable } from '../../../../src/doctor/client-list/row-table.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

/** The properties of a row, which in a table come from its columns. */
function propertiesOf(row: ClientRow): object {
  return Object.fromEntries(Object.keys(clientRow()).map((key) => [key, row[key as keyof ClientRow]]));
}

const rows = fc.array(
  fc.record({
    ...{ id: fc.oneof(fc.nat(), fc.constant(NaN)), ip: fc.constantFrom('10.0.0.1', '::1', '/run/a.sock') },
    ...{ addr: fc.constantFrom('10.0.0.1:5', '[::1]:6', '/run/a.sock:0', '10.0.0.1:07', 'odd', '') },
    ...{ name: fc.string(), age: fc.nat(), idle: fc.nat(), multi: fc.constantFrom(-1, 0, 3) },
    ...{
      omem: fc.maxSafeNat(),
      totCmds: fc.oneof(fc.nat(), fc.constant(NaN)),
      cmd: fc.constantFrom('get', ''),
    },
  }),
);

test('a row in a table has the properties of the row that was kept', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const views = given.map((row) => viewRow(clientRow(row)));
      const table = createRowTable('here');
      const kept = views.map((view) => table.keep(view));
      expect(kept.map(propertiesOf)).toEqual(views.map((view) => propertiesOf(keepRow(view, 'here'))));
    }),
  );
});

test('rows beyond a chunk of a column are kept too', () => {
  const table = createRowTable('here');
  const count = 10_000;
  const kept = Array.from({ length: count }, (_, id) =>
    table.keep(viewRow(clientRow({ id, name: id === 5_000 ? 'a' : '' }))),
  );
  expect(kept.map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, id) => id));
  expect(kept.filter(({ name }) => name === 'a').map(({ id }) => id)).toEqual([5_000]);
});
