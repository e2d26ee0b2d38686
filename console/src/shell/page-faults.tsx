import { Component, type ReactNode } from 'react';
import { problemOf } from '../api/problem.ts';
import { ErrorState } from '../components/error-state.tsx';

interface State {
  error: unknown;
}

/** Keeps a page that fails from taking the console along. Most often a chunk is gone because the server was renewed. */
export class PageFaults extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return <ErrorState error={problemOf(error)} retryLabel="Load again" onRetry={() => location.reload()} />;
  }
}
