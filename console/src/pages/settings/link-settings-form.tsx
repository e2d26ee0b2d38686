import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useApi } from '../../api/api-context.tsx';
import { ApiProblem } from '../../api/problem.ts';
import { type ProjectSettingsView, projectKeys, putProjectSettings } from '../../api/project.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { useNotice } from '../../components/notice.tsx';

/** What a project sets for its links. All of it is saved at once. */
export function LinkSettingsForm({ settings }: { settings: ProjectSettingsView }) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const [workspace, setWorkspace] = useState(settings.workspace_name ?? '');
  const [returns, setReturns] = useState(settings.return_urls.join('\n'));
  const [origins, setOrigins] = useState(settings.popup_origins.join('\n'));
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setError(undefined);
    try {
      const saved = await putProjectSettings(api, {
        workspace_name: workspace.trim() || null,
        return_urls: linesOf(returns),
        popup_origins: linesOf(origins),
      });
      queries.setQueryData(projectKeys.settings, saved);
      notice('Settings saved');
    } catch (failure) {
      setError(failure);
    } finally {
      setPending(false);
    }
  };
  const faults = { returns: faultsOf(error, '/return_urls'), origins: faultsOf(error, '/popup_origins') };
  return (
    <form onSubmit={(event) => void save(event)}>
      <Stack gap="md" maw="44rem">
        <TextInput
          label="Your name"
          description="Stands on the page where people link their accounts: a product, a company"
          value={workspace}
          onChange={(event) => setWorkspace(event.currentTarget.value)}
          maxLength={200}
        />
        <Textarea
          label="Return URLs"
          description="Where people may be sent back to when they are done; one in each line"
          placeholder="https://app.example.com/linked"
          value={returns}
          onChange={(event) => setReturns(event.currentTarget.value)}
          error={faults.returns.text}
          autosize
          minRows={2}
          maxRows={10}
          spellCheck={false}
        />
        <Textarea
          label="Pop-up origins"
          description="Pages that may open the link in a pop-up and hear of its end; one in each line"
          placeholder="https://app.example.com"
          value={origins}
          onChange={(event) => setOrigins(event.currentTarget.value)}
          error={faults.origins.text}
          autosize
          minRows={2}
          maxRows={10}
          spellCheck={false}
        />
        {error !== undefined && <ErrorState error={error} shown={[...faults.returns.paths, ...faults.origins.paths]} />}
        <Group>
          <Button type="submit" loading={pending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Faults of a list, with the lines that they are in. */
function faultsOf(error: unknown, list: string): { text: string | undefined; paths: string[] } {
  const faults = error instanceof ApiProblem ? error.errors.filter(({ path }) => path.startsWith(list)) : [];
  const texts = faults.map(({ path, message }) => {
    const [, index] = path.slice(list.length).split('/');
    return index === undefined ? message : `Line ${Number(index) + 1} ${message}`;
  });
  return { text: texts.length > 0 ? texts.join('; ') : undefined, paths: faults.map(({ path }) => path) };
}
