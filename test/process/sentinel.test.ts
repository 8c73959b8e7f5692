import { expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES } from '../support/consumer.js';
import { startProgram } from '../support/program.js';
import { useSentinels } from '../support/use-sentinels.js';

const topology = useSentinels();

test.for(IOREDIS_COPIES)(
  'with %s: quit() of the last client closes the watchers at once, and the process exits',
  async (copy) => {
    using consumer = createConsumer(copy);
    const env = { CONNECTION: JSON.stringify(topology().connection) };
    const program = startProgram(consumer, 'sentinel-quits.mjs', env);
    const report = await program.message<{ between: number }>();
    program.mark();
    expect(report.between).toBe(3);
    const exit = await program.exit;
    expect(exit).toMatchObject({ code: 0, stderr: '' });
    expect(exit.ms).toBeLessThan(1_000);
    for (const sentinel of topology().sentinels) expect(await sentinel.rows()).toEqual([]);
  },
);
