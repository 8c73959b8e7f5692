import { describeSample } from '../../support/services/describe-sample.js';

/** Names that BullMQ gives by itself, of its worker and of its QueueEvents. */
const OWN = ['bull:aW52b2ljZXM=', 'bull:aW52b2ljZXM=:qe'];

describeSample('worker', {
  raw: ['', '', ...OWN],
  adopted: [...OWN, 'invoices-worker@web-1#invoices', 'invoices-worker@web-1#invoices'],
  preloaded: [...OWN, 'invoices-worker@web-1#bullmq', 'invoices-worker@web-1#bullmq'],
  handMade: [
    'queue.js: redis-hygiene/no-plain-connection',
    'queue.js: redis-hygiene/no-plain-connection',
    'worker.js: redis-hygiene/no-plain-connection',
  ],
});
