import { Placeholder } from '../../components/placeholder.tsx';

export function LinkAccountPage() {
  return <Placeholder title="Link an account" />;
}
