import { invalid, valid } from '../../../support/lint/cases/no-floating-lease/index.js';
import { checkCases } from '../../../support/lint/rule-cases.js';

checkCases('no-floating-lease', invalid, valid);
