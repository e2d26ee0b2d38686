import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const PAGES = [
  'CONTRIBUTING.md',
  'docs/connector-format.md',
  'docs/errors.md',
  'docs/principles.md',
  'docs/your-first-action.md',
];

// Those that are made from the rules and the connectors, too.
const ALL = [...PAGES, 'README.md', 'docs/rules.md'];
for await (const page of glob('docs/connectors/**/*.md')) ALL.push(page);

/** GitHub's anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

async function anchorsOf(path: string): Promise<string[]> {
  const text = (await readFile(path, 'utf8')).replace(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

it.each(ALL)('%s: every link leads somewhere', async (page) => {
  const text = (await readFile(page, 'utf8')).replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  expect(links.length).toBeGreaterThan(0);
  const broken: string[] = [];
  for (const target of new Set(links.filter((link) => !link.startsWith('https://')))) {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    const readable = await readFile(file).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'EISDIR',
    );
    if (!readable || (anchor !== undefined && !(await anchorsOf(file)).includes(anchor))) broken.push(target);
  }
  expect(broken).toEqual([]);
});

it.each(PAGES)('%s: no heading stands twice, so that each anchor means one place', async (page) => {
  const anchors = await anchorsOf(page);
  expect(anchors.filter((anchor, index) => anchors.indexOf(anchor) !== index)).toEqual([]);
});

it.each(PAGES)('%s: nothing looks like a tag of HTML, which would not be shown', async (page) => {
  const text = (await readFile(page, 'utf8')).replace(/```[\s\S]*?```|``[^\n]*?``|`[^`\n]*`/g, '');
  const tags = [...text.matchAll(/(?<!\\)<(?!br>|!--)[^>]*>/g)].map(([tag]) => tag);
  expect(tags).toEqual([]);
});
