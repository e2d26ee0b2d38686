import { Placeholder } from '../../components/placeholder.tsx';

export function GuidePage() {
  return <Placeholder title="Guide" />;
}
