import { invalid } from '../../support/lint/cases/no-floating-lease/invalid.js';
import { valid } from '../../support/lint/cases/no-floating-lease/valid.js';
import { checkCases } from '../../support/lint/rule-cases.js';

checkCases('no-floating-lease', invalid, valid);
