import { Placeholder } from '../../components/placeholder.tsx';

export function RequestPage() {
  return <Placeholder title="Request" />;
}
