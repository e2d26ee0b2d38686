import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const PROVIDER_NAMES = /autodesk|\baps\b|forge(?!t)/i;

it('the engine knows no provider: src names none', () => {
  const files = readdirSync('src', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const named = files.flatMap(({ parentPath, name }) => {
    const file = join(parentPath, name);
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => (PROVIDER_NAMES.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : []));
  });
  expect(files.length).toBeGreaterThan(10);
  expect(named).toEqual([]);
});
