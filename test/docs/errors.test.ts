import { expect, it } from 'vitest';
import { errorsPage } from '../../scripts/errors-page.ts';
import { RULE_CODES } from '../../src/connector/connector.ts';
import { PROBLEMS } from '../../src/problems.ts';

it.each(Object.entries(PROBLEMS))('%s has a section that tells status, fault and whether to repeat', (code, kind) => {
  const [before = '', rest = ''] = errorsPage().split(`\n### ${code}\n`);
  const section = rest.split('\n##')[0] ?? '';
  expect(section).toContain(`**${kind.status}**`);
  expect(section.includes('not retryable')).toBe(!kind.retryable);
  expect(section.includes('**rule**')).toBe(RULE_CODES.has(code));
  expect(before.slice(before.lastIndexOf('\n## '))).toContain(`## Fault of the ${kind.fault}`);
});
