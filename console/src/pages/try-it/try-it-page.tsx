import { Placeholder } from '../../components/placeholder.tsx';

export function TryItPage() {
  return <Placeholder title="Try it" />;
}
