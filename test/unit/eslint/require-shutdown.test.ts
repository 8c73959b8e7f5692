import { invalid } from '../../support/lint/cases/require-shutdown/invalid.js';
import { valid } from '../../support/lint/cases/require-shutdown/valid.js';
import { checkCases } from '../../support/lint/rule-cases.js';

checkCases('require-shutdown', invalid, valid);
