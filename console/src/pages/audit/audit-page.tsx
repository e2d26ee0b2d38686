import { Placeholder } from '../../components/placeholder.tsx';

export function AuditPage() {
  return <Placeholder title="Audit" />;
}
