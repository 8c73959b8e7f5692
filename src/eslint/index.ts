// The rules for ESLint and oxlint. A default export, as their configurations expect of a plugin.
export { plugin as default } from './plugin.js';
