import { Text } from '@mantine/core';
import type { ConnectorSummaryView } from '../../api/catalogue.ts';
import { problemOf } from '../../api/problem.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { credentialPointers } from './credential-fields.tsx';

interface FormErrorProps {
  error: unknown;
  method: ConnectorSummaryView['authentication'][number];
}

/** Why a profile was not taken: only a line where everything stands at its field. */
export function FormError({ error, method }: FormErrorProps) {
  const shown = ['/name', '/authentication', ...credentialPointers(method)];
  const { errors } = problemOf(error);
  if (errors.length === 0 || errors.some(({ path }) => !shown.includes(path)))
    return <ErrorState error={error} shown={shown} />;
  return (
    <Text c="red" role="alert">
      Not saved: see what is said at the fields.
    </Text>
  );
}
