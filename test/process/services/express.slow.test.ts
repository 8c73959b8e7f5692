import { describeSample } from '../../support/services/describe-sample.js';

describeSample('express', {
  raw: ['', ''],
  adopted: ['orders-express@web-1', 'orders-express@web-1'],
  preloaded: ['orders-express@web-1', 'orders-express@web-1'],
});
