import { describeLibraries } from './rig/describe-libraries.js';

describeLibraries(5);
