import { Placeholder } from '../../components/placeholder.tsx';

export function ProfilesPage() {
  return <Placeholder title="Connector profiles" />;
}
