import { Placeholder } from '../../components/placeholder.tsx';

export function ConnectorsPage() {
  return <Placeholder title="Connectors" />;
}
