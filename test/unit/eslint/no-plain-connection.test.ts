import { invalid } from '../../support/lint/cases/no-plain-connection/invalid.js';
import { valid } from '../../support/lint/cases/no-plain-connection/valid.js';
import { checkCases } from '../../support/lint/rule-cases.js';

checkCases('no-plain-connection', invalid, valid);
