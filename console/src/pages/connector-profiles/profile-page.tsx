import { Placeholder } from '../../components/placeholder.tsx';

export function ProfilePage() {
  return <Placeholder title="Connector profile" />;
}
