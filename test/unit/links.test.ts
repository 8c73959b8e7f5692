import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { errorTable } from '../../src/core/errors.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...docs.filter((file) => file.endsWith('.md')).map((file) => join('docs', file)),
];

const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');
const withoutCode = (text: string) => text.replace(/^```.*?^```$/gms, '');

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...withoutCode(textOf(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function linksOf(page: string): readonly string[] {
  const text = withoutCode(textOf(page)).replace(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
}

function isBroken(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(target).has(anchor);
}

test.for(pages)('all links of %s lead somewhere', (page) => {
  const links = linksOf(page).filter((link) => !/^[a-z]+:/.test(link));
  expect(links.filter((link) => isBroken(page, link))).toEqual([]);
});

test('there are links', () => {
  expect(pages.flatMap(linksOf).length).toBeGreaterThan(100);
  expect(isBroken('README.md', 'docs/nowhere.md')).toBe(true);
  expect(isBroken('README.md', 'docs/options.md#nowhere')).toBe(true);
});

test('pages that errors name are there', () => {
  const remedies = Object.values(errorTable).map(({ remedy }) => remedy);
  const named = remedies.flatMap((remedy) => remedy.match(/docs\/[\w/-]+\.md/g) ?? []);
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((page) => !existsSync(join(ROOT, page)))).toEqual([]);
});
