import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../../src/cli/validate/check.ts';
import { rulesPageUrl } from '../../../src/cli/validate/docs-url.ts';
import { formatGithub } from '../../../src/cli/validate/format-github.ts';
import { formatJson } from '../../../src/cli/validate/format-json.ts';
import { formatSarif } from '../../../src/cli/validate/format-sarif.ts';
import { formatText } from '../../../src/cli/validate/format-text.ts';
import { RULES } from '../../../src/connector/rules.ts';
import { connectorNamed, connectorsFolder, FAULTY_ACTIONS, reportOf } from './support.ts';

const HOSTILE = 'connectors/a,b:c%/actions/ö \n::error::x.yaml';
const NO_PAINT = { paint: (_style: unknown, text: string) => text };

function reportWith(fault: Partial<Report['faults'][number]>, rest: Partial<Report> = {}): Report {
  const known = {
    file: 'connectors/acme/connector.yaml',
    line: 3,
    column: 7,
    rule: 'CON001',
    message: 'm',
    frame: '',
  } as const;
  const counts = { connectors: 1, actions: 2, examples: 3, guides: 0, elapsedMs: 4, faultsElsewhere: 0 };
  return { faults: [{ ...known, ...fault }], ...counts, ...rest };
}

describe('a report as text', () => {
  it('has for every fault place, severity, rule, message, lines with a caret, remedy and page; then the sum', async () => {
    const directory = await connectorsFolder({
      acme: connectorNamed('acme', { 'actions/things.yaml': FAULTY_ACTIONS }),
    });
    const file = `${relative(process.cwd(), directory)}/acme/actions/things.yaml`;
    expect(formatText(await reportOf(directory), NO_PAINT).split('\n')).toEqual([
      `${file}:2:3 error FMT001 unknown key "Label" — did you mean "label"?`,
      '  1 | - id: get_thing',
      '> 2 |   Label: Get Thing',
      '    |   ^',
      '  3 |   description: One thing.',
      '  4 |   effect: read',
      expect.stringMatching(/^ {2}fix .+$/),
      '  see docs/rules.md#fmt001',
      '',
      '1 connector, 1 action, 1 example: 1 fault (0 ms)',
    ]);
  });

  it('tells of faults that were not asked for, and cannot act on a terminal', () => {
    const text = formatText(reportWith({ file: 'a\u001b[2J.yaml' }, { faultsElsewhere: 2 }), NO_PAINT);
    expect(text).toContain('2 further faults in other files');
    expect([...text].filter((letter) => letter !== '\n' && /\p{Cc}/u.test(letter))).toEqual([]);
  });
});

describe('a report for GitHub', () => {
  it('is one command a line and fault, with everything escaped that would end a value or the command', () => {
    const [command, sum, ...rest] = formatGithub(reportWith({ file: HOSTILE, message: '50% ::\r\nx' }), {}).split('\n');
    expect(command).toMatch(
      /^::error file=connectors\/a%2Cb%3Ac%25\/actions\/ö %0A%3A%3Aerror%3A%3Ax\.yaml,line=3,col=7,title=CON001 [^:,]+::50%25 ::%0D%0Ax%0A[^\r\n]+\(docs\/rules\.md#con001\)$/,
    );
    expect(sum).toBe('1 connector, 2 actions, 3 examples: 1 fault (4 ms)');
    expect(rest).toEqual([]);
  });

  it('names files from the workspace on', () => {
    const workspace = process.cwd().split('/').slice(0, -1).join('/');
    const folder = relative(workspace, process.cwd());
    expect(formatGithub(reportWith({}), { GITHUB_WORKSPACE: workspace })).toContain(
      `file=${folder}/connectors/acme/connector.yaml,`,
    );
  });
});

describe('a report as JSON', () => {
  it('has every fault with what its rule says, and the counts', () => {
    expect(formatJson(reportWith({}, { faultsElsewhere: 1 }))).toEqual({
      faults: [
        {
          file: 'connectors/acme/connector.yaml',
          line: 3,
          column: 7,
          severity: 'error',
          rule: 'CON001',
          title: RULES.CON001,
          message: 'm',
          remedy: expect.any(String),
          docs: 'docs/rules.md#con001',
        },
      ],
      faults_elsewhere: 1,
      connectors: 1,
      actions: 2,
      examples: 3,
      guides: 0,
      elapsed_ms: 4,
    });
  });
});

interface Sarif {
  $schema: string;
  version: string;
  runs: {
    tool: { driver: { name: string; semanticVersion: string; rules: SarifRule[] } };
    columnKind: string;
    invocations: unknown[];
    results: SarifResult[];
  }[];
}
interface SarifRule {
  id: string;
  shortDescription: { text: string };
  fullDescription: { text: string };
  help: { text: string; markdown: string };
  helpUri: string;
  defaultConfiguration: { level: string };
}
interface SarifResult {
  ruleId: string;
  ruleIndex: number;
  level: string;
  message: { text: string };
  locations: {
    physicalLocation: {
      artifactLocation: { uri: string; uriBaseId?: string };
      region: { startLine: number; startColumn: number };
    };
  }[];
}

const TOOL = { version: '1.2.3', docs: rulesPageUrl({}) };
const sarifOf = (report: Report) => JSON.parse(JSON.stringify(formatSarif(report, TOOL))) as Sarif;

describe('a report as SARIF 2.1.0', () => {
  it('is one run of the tool, which tells of every rule', () => {
    const log = sarifOf(reportWith({}));
    expect(Object.keys(log)).toEqual(['$schema', 'version', 'runs']);
    expect(log.version).toBe('2.1.0');
    expect(log.runs).toHaveLength(1);
    const [run] = log.runs;
    expect(run && Object.keys(run).sort()).toEqual(['columnKind', 'invocations', 'results', 'tool']);
    expect(run).toMatchObject({ columnKind: 'utf16CodeUnits', invocations: [{ executionSuccessful: true }] });
    expect(run?.tool.driver).toMatchObject({ name: 'Corbel', semanticVersion: '1.2.3' });
    const rules = run?.tool.driver.rules ?? [];
    expect(rules.map(({ id }) => id)).toEqual(Object.keys(RULES));
    for (const { id, shortDescription, fullDescription, help, helpUri, defaultConfiguration } of rules) {
      expect(shortDescription.text).toBe(RULES[id as keyof typeof RULES]);
      for (const text of [fullDescription.text, help.text, help.markdown]) expect(text).toMatch(/\S/);
      // §3.49.12: an absolute URI.
      expect(new URL(helpUri).hash).toBe(`#${id.toLowerCase()}`);
      expect(defaultConfiguration).toEqual({ level: 'error' });
    }
  });

  it('has a result for each fault: rule, index, level, message and region', async () => {
    const directory = await connectorsFolder({
      acme: connectorNamed('acme', { 'actions/things.yaml': FAULTY_ACTIONS }),
    });
    const report = await reportOf(directory);
    const [run] = sarifOf({ ...report, faults: [...report.faults, ...reportWith({}).faults] }).runs;
    expect(run?.results).toHaveLength(report.faults.length + 1);
    for (const result of run?.results ?? []) {
      expect(Object.keys(result).sort()).toEqual(['level', 'locations', 'message', 'ruleId', 'ruleIndex']);
      expect(run?.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(result.level).toBe('error');
      expect(result.message.text).toMatch(/^.+\n.+\.$/);
      expect(result.locations).toHaveLength(1);
    }
    expect(run?.results.at(-1)?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'connectors/acme/connector.yaml', uriBaseId: '%SRCROOT%' },
      region: { startLine: 3, startColumn: 7 },
    });
  });

  it('has no results, but its rules, when there is nothing wrong', () => {
    const [run] = sarifOf({ ...reportWith({}), faults: [] }).runs;
    expect(run?.results).toEqual([]);
    expect(run?.tool.driver.rules).toHaveLength(Object.keys(RULES).length);
  });

  it('names files by URI: relative to the root below it, absolute elsewhere', () => {
    const uriOf = (file: string) =>
      sarifOf(reportWith({ file })).runs[0]?.results[0]?.locations[0]?.physicalLocation.artifactLocation;
    expect(uriOf(HOSTILE)).toEqual({
      uri: 'connectors/a%2Cb%3Ac%25/actions/%C3%B6%20%0A%3A%3Aerror%3A%3Ax.yaml',
      uriBaseId: '%SRCROOT%',
    });
    const outside = uriOf('../elsewhere/a b.yaml');
    expect(outside?.uri).toMatch(/^file:\/\/\/.*\/elsewhere\/a%20b\.yaml$/);
    expect(outside).not.toHaveProperty('uriBaseId');
  });

  it('points to the page of the repository in a workflow that has checked it out, else to the file', () => {
    const workflow = { GITHUB_SERVER_URL: 'https://github.test', GITHUB_REPOSITORY: 'acme/corbel', GITHUB_SHA: 'abc' };
    const here = { ...workflow, GITHUB_WORKSPACE: process.cwd() };
    expect(rulesPageUrl(here)).toBe('https://github.test/acme%2Fcorbel/blob/abc/docs/rules.md'.replace('%2F', '/'));
    expect(rulesPageUrl({ ...workflow, GITHUB_WORKSPACE: '/elsewhere' })).toMatch(/^file:\/\/\/.*docs\/rules\.md$/);
    expect(rulesPageUrl({})).toMatch(/^file:\/\/\/.*docs\/rules\.md$/);
  });
});
