import { describeSample } from '../../support/services/describe-sample.js';

describeSample('plain', {
  raw: ['', '', ''],
  adopted: ['visits-plain@web-1', 'visits-plain@web-1', 'visits-plain@web-1'],
  preloaded: ['visits-plain@web-1', 'visits-plain@web-1', 'visits-plain@web-1'],
});
