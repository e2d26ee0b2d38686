import { startNode } from '../../support/node-process.ts';

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `corbel` to its end, in the project's folder and with no environment but the given one. */
export async function corbel(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = startNode('src/cli/corbel.ts', args, env);
  const { code } = await child.ended;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}
