import { describeSample } from '../../support/services/describe-sample.js';

describeSample('nest', {
  raw: ['', ''],
  adopted: ['catalogue-nest@web-1', 'catalogue-nest@web-1'],
  preloaded: ['catalogue-nest@web-1', 'catalogue-nest@web-1'],
});
