import { providerNamesIn } from './provider-names.ts';

// The engine knows no provider.
const found = await providerNamesIn('src');
for (const line of found) console.log(`names a provider: ${line}`);
if (found.length > 0) process.exitCode = 1;
