export { hygienicConnection, type HygienicConnection } from './hygienic-connection.js';
