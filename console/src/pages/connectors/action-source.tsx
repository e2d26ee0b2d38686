import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../api/api-context.tsx';
import { actionSourceOptions } from '../../api/catalogue.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';

/** The declaration of an action, once somebody wants to see it: the server reads it from its file then. */
export function ActionSource({ id, connector }: { id: string; connector: string }) {
  const [shown, setShown] = useState(false);
  const query = useQuery({ ...actionSourceOptions(useApi(), id), enabled: shown });
  return (
    <Section title="Source" description={`As it is declared in the files of the connector ${connector}`}>
      {shown ? (
        <QueryView query={query}>
          {({ file, line, yaml }) => <CodeBlock label={`${file}, from line ${line}`} value={yaml} maxHeight="40rem" />}
        </QueryView>
      ) : (
        <Button variant="default" onClick={() => setShown(true)}>
          Show YAML
        </Button>
      )}
    </Section>
  );
}
