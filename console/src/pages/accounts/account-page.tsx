import { Placeholder } from '../../components/placeholder.tsx';

export function AccountPage() {
  return <Placeholder title="Account" />;
}
