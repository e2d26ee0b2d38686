import type { FastifyInstance } from 'fastify';
import { Problem } from '../problems.ts';
import {
  type OverviewDependencies,
  type OverviewView,
  readOverview,
  WINDOWS,
  type Window,
} from '../telemetry/overview.ts';
import { callerOf } from './authentication.ts';
import { onlyParameters, textParameter } from './query.ts';

export type { OverviewView } from '../telemetry/overview.ts';

type Query = Record<string, string | string[] | undefined>;

const DEFAULT_WINDOW: Window = '1h';

/** `GET /overview?window=1h|24h|7d`: the caller's project in figures, of all processes; see `readOverview`. Operators only. */
export function overviewRoute(app: FastifyInstance, dependencies: OverviewDependencies): void {
  app.get<{ Querystring: Query }>('/overview', async (request): Promise<OverviewView> => {
    onlyParameters(request.query, ['window']);
    const window = textParameter(request.query, 'window') ?? DEFAULT_WINDOW;
    if (!isWindow(window))
      throw new Problem('request_invalid', 'The query is not valid.', {
        errors: [{ path: '/window', message: `must be one of ${Object.keys(WINDOWS).join(', ')}` }],
      });
    return readOverview(dependencies, callerOf(request).project, window);
  });
}

function isWindow(text: string): text is Window {
  return Object.hasOwn(WINDOWS, text);
}
