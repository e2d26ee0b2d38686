import { Placeholder } from '../../components/placeholder.tsx';

export function ActionPage() {
  return <Placeholder title="Action" />;
}
