import { spawn } from 'node:child_process';
import { cleanEnvironment, jsonLineWith, projectPath, stop } from './processes.ts';

const TIMEOUT_MS = 20_000;

export interface StartTime {
  /** From spawning the process to the line that says it listens, milliseconds. */
  ms: number;
  /** How many actions it serves. */
  actions: number;
}

/** Starts Corbel once on a data directory, waits for the line `listening`, and stops it again. */
export async function measureStart(environment: Readonly<Record<string, string>>): Promise<StartTime> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [projectPath('src/main.ts')], {
    cwd: projectPath(''),
    env: cleanEnvironment(environment),
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: TIMEOUT_MS,
  });
  const listening = jsonLineWith('address');
  let output = '';
  try {
    return await new Promise<StartTime>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += String(chunk);
        const line = listening(output);
        if (line) resolve({ ms: performance.now() - startedAt, actions: Number(line.actions) });
      });
      child.once('exit', () => reject(new Error('Corbel ended at its start')));
      child.once('error', reject);
    });
  } finally {
    await stop(child);
  }
}

/** From spawning a Node that does nothing to its end, milliseconds: what no program on Node can be faster than. */
export async function measureBareNode(): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--eval', ''], { env: cleanEnvironment(), stdio: 'ignore' });
  await new Promise<void>((resolve, reject) => child.once('exit', () => resolve()).once('error', reject));
  return performance.now() - startedAt;
}
