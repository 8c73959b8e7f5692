// A service that leaks.
import { serveRequests } from './leak.mjs';

serveRequests(300, 8);
