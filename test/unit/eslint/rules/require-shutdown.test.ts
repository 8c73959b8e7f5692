import { invalid, valid } from '../../../support/lint/cases/require-shutdown/index.js';
import { checkCases } from '../../../support/lint/rule-cases.js';

checkCases('require-shutdown', invalid, valid);
