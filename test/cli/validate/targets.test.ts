import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandFailure, EXIT } from '../../../src/cli/outcome.ts';
import { findTargets, foldersToWatch } from '../../../src/cli/validate/targets.ts';
import { connectorNamed, connectorsFolder, FAULTY_ACTIONS, places, reportOf, STALE_EXAMPLES } from './support.ts';

const FAULTY = {
  'actions/things.yaml': FAULTY_ACTIONS.replace('Label', 'label'),
  'examples/things.yaml': STALE_EXAMPLES,
};
const SCOPE_FAULT = 'acme/actions/things.yaml:5:12 ACT014';

describe('a path of validate', () => {
  it('that is a folder of connectors stands for all of them', async () => {
    const directory = await connectorsFolder({ acme: connectorNamed('acme', FAULTY), beta: connectorNamed('beta') });
    const report = await reportOf(directory);
    expect(places(report, directory)).toEqual([SCOPE_FAULT]);
    expect(report).toMatchObject({ connectors: 2, actions: 2, examples: 2, faultsElsewhere: 0 });
  });

  it('that is a connector stands for this one', async () => {
    const directory = await connectorsFolder({ acme: connectorNamed('acme', FAULTY), beta: connectorNamed('beta') });
    expect(await reportOf(directory, 'beta')).toMatchObject({ connectors: 1, faults: [] });
    expect(await reportOf(directory, 'acme', 'beta', 'acme')).toMatchObject({ connectors: 2 });
  });

  it('that is a file, or one of the folders of a connector, shows its faults and counts the others', async () => {
    const broken = { ...FAULTY, 'examples/things.yaml': '- name: 7\n' };
    const directory = await connectorsFolder({ acme: connectorNamed('acme', broken) });
    for (const path of ['acme/actions/things.yaml', 'acme/actions', './acme/../acme/actions/']) {
      const report = await reportOf(directory, path);
      expect(places(report, directory)).toEqual([SCOPE_FAULT]);
      expect(report.faultsElsewhere).toBe(3);
    }
    const main = await reportOf(directory, 'acme/connector.yaml');
    expect(main).toMatchObject({ faults: [], faultsElsewhere: 4 });
    const both = await reportOf(directory, 'acme/actions/things.yaml', 'acme/examples/things.yaml');
    expect(both).toMatchObject({ faultsElsewhere: 0, connectors: 1 });
    expect(both.faults).toHaveLength(4);
    expect(await reportOf(directory, 'acme/connector.yaml', 'acme')).toMatchObject({ faultsElsewhere: 0 });
  });

  it('is refused when it is not there or no part of a connector, rather than nothing be checked', async () => {
    const directory = await connectorsFolder({
      acme: { ...connectorNamed('acme'), 'README.md': 'x', 'docs/a/b.yaml': 'x' },
    });
    for (const path of ['nowhere', 'acme/README.md', 'acme/docs', 'acme/docs/a/b.yaml', 'acme/actions/nowhere.yaml']) {
      const refusal = await findTargets([path], directory).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(CommandFailure);
      expect(refusal).toMatchObject({ exitCode: EXIT.usage });
    }
  });

  it('leads to connectors that lack their main file, and to links that lead nowhere', async () => {
    const { 'connector.yaml': _main, ...rest } = connectorNamed('acme');
    const directory = await connectorsFolder({ acme: rest });
    await symlink('nowhere', join(directory, 'beta'));
    expect(places(await reportOf(directory), directory)).toEqual([
      'acme/connector.yaml:1:1 YML004',
      'beta/connector.yaml:1:1 YML004',
    ]);
  });

  it('is watched as widely as changes may matter to it', async () => {
    const directory = await connectorsFolder({ acme: connectorNamed('acme'), beta: connectorNamed('beta') });
    expect(await foldersToWatch(['.', 'acme'], directory)).toEqual([directory]);
    expect(await foldersToWatch(['acme/actions/things.yaml'], directory)).toEqual([join(directory, 'acme')]);
  });
});
