import { Placeholder } from '../../components/placeholder.tsx';

export function SettingsPage() {
  return <Placeholder title="Settings" />;
}
