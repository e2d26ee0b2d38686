import { Placeholder } from '../../components/placeholder.tsx';

export function AccountsPage() {
  return <Placeholder title="Accounts" />;
}
