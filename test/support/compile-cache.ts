import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Set as `NODE_COMPILE_CACHE` for what suites start: without it each process compiles everything anew, a third of its start. */
export const COMPILE_CACHE = join(tmpdir(), 'corbel-compile-cache');
