// The plugin for ESLint and oxlint. Their configurations expect a default export.
export { plugin as default } from './plugin.js';
