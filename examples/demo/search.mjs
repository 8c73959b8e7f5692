// Another service that leaks.
import { serveRequests } from './leak.mjs';

serveRequests(220, 11);
