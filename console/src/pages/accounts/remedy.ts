/** A remedy's steps, where it numbers them ("1. Open … 2. Copy …"); otherwise the whole of it as one. */
export function stepsOf(remedy: string): string[] {
  const parts = remedy.split(/(?:^|\s)(\d{1,2})\.\s+/);
  const [before = '', ...rest] = parts;
  const steps: string[] = [];
  for (let index = 0; index < rest.length; index += 2) {
    // "section 4. See there": not a step.
    if (Number(rest[index]) !== steps.length + 1) return [remedy];
    steps.push((rest[index + 1] ?? '').trim());
  }
  return before.trim() === '' && steps.length > 1 ? steps : [remedy];
}
