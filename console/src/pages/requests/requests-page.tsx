import { Placeholder } from '../../components/placeholder.tsx';

export function RequestsPage() {
  return <Placeholder title="Requests" />;
}
