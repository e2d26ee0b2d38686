import { Placeholder } from '../../components/placeholder.tsx';

export function ConnectorPage() {
  return <Placeholder title="Connector" />;
}
