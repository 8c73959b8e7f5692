import { invalid } from '../../support/lint/cases/no-client-in-function/invalid.js';
import { valid } from '../../support/lint/cases/no-client-in-function/valid.js';
import { checkCases } from '../../support/lint/rule-cases.js';

checkCases('no-client-in-function', invalid, valid);
