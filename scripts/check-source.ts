import { wrongImportsIn } from './layers.ts';
import { providerNamesIn } from './provider-names.ts';

// The engine knows no provider, and what is below knows nothing of what stands upon it.
const found = [
  ...(await providerNamesIn('src')).map((line) => `names a provider: ${line}`),
  ...(await wrongImportsIn('src')).map((line) => `imports the wrong way: ${line}`),
];
for (const line of found) console.log(line);
if (found.length > 0) process.exitCode = 1;
