#!/usr/bin/env node
import { runCorbel } from './program.ts';

await runCorbel(process);
