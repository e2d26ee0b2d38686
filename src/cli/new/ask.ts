/** Asks a person at the terminal. */
export interface Ask {
  /** Again until `check` gives nothing to complain about. */
  text(question: TextQuestion): Promise<string>;
  choose<Value extends string>(message: string, choices: readonly Choice<Value>[]): Promise<Value>;
}

export interface TextQuestion {
  message: string;
  default?: string | undefined;
  check?: (answer: string) => string | undefined;
}

export interface Choice<Value extends string> {
  value: Value;
  name: string;
  description?: string;
}

/** Thrown when the person breaks off (Ctrl-C). Nothing was written then. */
export class BrokenOff extends Error {}

/** Questions on the given streams; standard output is for the answer of the command. */
export function createAsk(streams: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream }): Ask {
  const context = { ...streams, clearPromptOnDone: false };
  return {
    async text({ message, default: fallback, check = () => undefined }) {
      const { input } = await import('@inquirer/prompts');
      const validate = (answer: string) => check(answer.trim()) ?? true;
      const answer = await unlessBrokenOff(
        input({ message, ...(fallback !== undefined && { default: fallback }), validate }, context),
      );
      return answer.trim();
    },
    async choose(message, choices) {
      const { select } = await import('@inquirer/prompts');
      return unlessBrokenOff(select({ message, choices: [...choices] }, context));
    },
  };
}

async function unlessBrokenOff<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError'))
      throw new BrokenOff();
    throw error;
  }
}
