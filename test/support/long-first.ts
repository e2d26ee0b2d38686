import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Suites with browsers and processes of their own take ten to seventy seconds each, all others together less than two minutes.
const LONG =
  /\/test\/(browser|e2e|contract|cli\/dev|docs\/first-action|oauth\/grants-|packaging|store\/redis-|upstream)/;

/**
 * Begins with the suites that take long, so that none of them is alone at the end. By itself vitest knows which they are from
 * its second run in a place on; in its first one it goes by the sizes of files.
 */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const [long, short] = [true, false].map((wanted) =>
      sorted.filter(({ moduleId }) => LONG.test(moduleId) === wanted),
    );
    return [...(long ?? []), ...(short ?? [])];
  }
}
