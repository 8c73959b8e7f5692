import { Worker } from 'bullmq';
import { address } from './address.js';

/** The total of an invoice, in cents. */
async function total({ data }) {
  if (data.lines.length === 0) throw new Error('an invoice has lines');
  const cents = data.lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
  return { cents };
}

export const worker = new Worker('invoices', total, {
  connection: { host: address.host, port: address.port },
  concurrency: 4,
});
