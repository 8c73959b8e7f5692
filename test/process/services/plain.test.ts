import { describeSample } from '../../support/services/describe-sample.js';

describeSample('plain');
