import { glob, readFile } from 'node:fs/promises';

// The engine knows no provider: what belongs to one stands in connectors/ and sandbox/ only.
const PROVIDER_NAMES = /autodesk|\baps\b|forge/i;

let faults = 0;
for await (const file of glob('src/**/*')) {
  if (!/\.(ts|lua|json|html|css)$/.test(file)) continue;
  for (const [index, line] of (await readFile(file, 'utf8')).split('\n').entries()) {
    if (!PROVIDER_NAMES.test(line)) continue;
    faults += 1;
    console.log(`${file}:${index + 1} names a provider: ${line.trim()}`);
  }
}
if (faults > 0) process.exitCode = 1;
