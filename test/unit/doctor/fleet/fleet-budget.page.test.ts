import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { budgetOf } from '../../../../src/doctor/fleet/fleet-budget.js';
import { parseFleet } from '../../../../src/doctor/fleet/fleet-file.js';
import { renderBudget } from '../../../../src/doctor/render/budget-report.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';

const PAGE = readFileSync(new URL('../../../../docs/fleet-budget.md', import.meta.url), 'utf8');

const blocks = (language: string) =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);

test.each(blocks('yaml'))('a fleet file on the page is valid', (text) => {
  expect(parseFleet(text, 'fleet.yaml').services.length).toBeGreaterThan(1);
});

test('the page shows the printed budget', () => {
  const fleet = parseFleet(blocks('yaml')[0] ?? '', 'fleet.yaml');
  const printed = fleet.targets.flatMap((target) => {
    const budget = budgetOf(fleet, target, target.maxclients ?? 0);
    return renderBudget(budget, 'together', { width: 100, style: plainStyle });
  });
  expect(printed.join('\n').trim()).toBe(blocks('text')[0]?.trim());
});
