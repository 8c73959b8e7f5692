import type { Manifest } from './manifest.js';

/** What a service is built on, by the package that says so. */
export const frameworks = {
  nest: { title: 'Nest', package: '@nestjs/core' },
  fastify: { title: 'Fastify', package: 'fastify' },
  express: { title: 'Express', package: 'express' },
  plain: { title: 'plain', package: undefined },
} as const satisfies Record<string, { readonly title: string; readonly package: string | undefined }>;

/** @see frameworks */
export type Framework = keyof typeof frameworks;

const names = Object.keys(frameworks) as readonly Framework[];

/** What a service may be built on: one, or several where neither its dependencies nor its entry decide. Nest brings its own Express or Fastify. */
export function findFrameworks({ dependencies }: Manifest, entry = ''): readonly Framework[] {
  const there = names.filter((name) => (frameworks[name].package ?? '') in dependencies);
  if (there.includes('nest')) return ['nest'];
  if (there.length < 2) return there.length === 0 ? ['plain'] : there;
  const used = there.filter((name) => new RegExp(`['"]${frameworks[name].package ?? ''}['"]`).test(entry));
  return used.length === 1 ? used : there;
}
