export {
  hygienicConnection,
  type HygienicConnection,
  type HygienicConnectionOptions,
} from './hygienic-connection.js';
export type { BullPart } from './bull-parts.js';
export type { BullReport, UnfinishedJobs } from './tracked-parts.js';
