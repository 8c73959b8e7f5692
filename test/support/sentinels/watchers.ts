import { expect } from 'vitest';
import { eventually } from '../eventually.js';
import type { Node } from './node.js';

/** Waits until each sentinel has a subscribed connection with this name: watchers may subscribe after clients connect. */
export async function watchersSubscribed(sentinels: readonly Node[], name: string): Promise<void> {
  await eventually(async () => {
    for (const sentinel of sentinels)
      expect(await sentinel.rows()).toContainEqual(
        expect.objectContaining({ name, flags: expect.stringContaining('P') as string }),
      );
  });
}
