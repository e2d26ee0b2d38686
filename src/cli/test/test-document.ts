import { type Coverage, type CoveredPart, percentOf } from '../../local/check/coverage.ts';
import { failuresOf, type TestRun } from './run-examples.ts';
import type { UpdatedFile } from './update-examples.ts';

/**
 * What `corbel test --json` prints: `{examples: {total, passed, failed}, failures: [{connector, action, example, file, line,
 * differences: [{part, message, expected?, actual?, remedy?}]}], coverage: [{connector, percent, parts: {<part>: {total,
 * covered, percent, missing}}}] | null, updated: [file], duration_ms}`. Actions are public ids; `coverage` is null where only
 * some examples were run; `failures` are those left after an update.
 */
export function testDocument({ checked, coverage, durationMs }: TestRun, updated: readonly UpdatedFile[]) {
  const failures = failuresOf(checked);
  return {
    examples: { total: checked.length, passed: checked.length - failures.length, failed: failures.length },
    failures: failures.map(({ connector, action, example, differences }) => ({
      connector: connector.id,
      action: action.id,
      example: example.name,
      file: example.at.file,
      line: example.at.line,
      differences,
    })),
    coverage: coverage?.map(coverageDocument) ?? null,
    updated: updated.map(({ file }) => file),
    duration_ms: durationMs,
  };
}

function coverageDocument({ connector, percent, parts }: Coverage) {
  const shown = (part: CoveredPart) => ({
    total: part.total,
    covered: part.total - part.missing.length,
    percent: percentOf([part]),
    missing: part.missing,
  });
  return {
    connector,
    percent,
    parts: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, shown(part)])),
  };
}
