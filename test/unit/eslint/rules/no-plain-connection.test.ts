import { invalid, valid } from '../../../support/lint/cases/no-plain-connection/index.js';
import { checkCases } from '../../../support/lint/rule-cases.js';

checkCases('no-plain-connection', invalid, valid);
