import { Placeholder } from '../../components/placeholder.tsx';

export function ApiKeysPage() {
  return <Placeholder title="API keys" />;
}
