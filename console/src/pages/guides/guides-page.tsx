import { Placeholder } from '../../components/placeholder.tsx';

export function GuidesPage() {
  return <Placeholder title="Guides" />;
}
