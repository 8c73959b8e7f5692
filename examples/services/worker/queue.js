import { Queue, QueueEvents } from 'bullmq';
import { address } from './address.js';

export const queue = new Queue('invoices', { connection: { host: address.host, port: address.port } });
export const events = new QueueEvents('invoices', {
  connection: { host: address.host, port: address.port },
});
