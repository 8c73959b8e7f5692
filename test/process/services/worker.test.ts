import { describeSample } from '../../support/services/describe-sample.js';

/** Names that BullMQ itself gives to the connections of its Worker and its QueueEvents. */
const BULLMQ_NAMES = ['bull:aW52b2ljZXM=', 'bull:aW52b2ljZXM=:qe'];

describeSample('worker', {
  raw: ['', '', ...BULLMQ_NAMES],
  adopted: [...BULLMQ_NAMES, 'invoices-worker@web-1#bullmq-queue', 'invoices-worker@web-1#bullmq-worker'],
  preloaded: [...BULLMQ_NAMES, 'invoices-worker@web-1#bullmq', 'invoices-worker@web-1#bullmq'],
  leftovers: [
    'queue.js: redis-hygiene/no-plain-connection',
    'queue.js: redis-hygiene/no-plain-connection',
    'worker.js: redis-hygiene/no-plain-connection',
  ],
});
