import { invalid, valid } from '../../../support/lint/cases/no-client-in-function/index.js';
import { checkCases } from '../../../support/lint/rule-cases.js';

checkCases('no-client-in-function', invalid, valid);
