import { Placeholder } from '../../components/placeholder.tsx';

export function PublicGuidePage() {
  return <Placeholder title="Guide" />;
}
