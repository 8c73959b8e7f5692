export { invalid } from './invalid.js';
export { valid } from './valid.js';
