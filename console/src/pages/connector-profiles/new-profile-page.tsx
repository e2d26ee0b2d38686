import { Placeholder } from '../../components/placeholder.tsx';

export function NewProfilePage() {
  return <Placeholder title="New connector profile" />;
}
