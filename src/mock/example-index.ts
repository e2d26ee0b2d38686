import type { Action, Connector, Example, Exchange, Pagination, RequestPlan } from '../connector/connector.ts';

/** One exchange of an example, with what it says about requests like it. */
export interface Candidate {
  /** `<action>: <name of the example>`, with the number of the exchange where there are several. */
  readonly name: string;
  readonly action: Action;
  readonly example: Example;
  readonly exchange: Exchange;
  /** Index among the exchanges of its example. */
  readonly index: number;
  /** The provider refuses it. */
  readonly refusal: boolean;
  /** The request that it is one of, where the connector has declared such a one. */
  readonly endpoint: Endpoint | undefined;
}

/** A request that an action declares. */
export interface Endpoint {
  readonly method: string;
  readonly path: RegExp;
  /** How many of its segments are fixed: of two that fit, the one with more is meant. */
  readonly fixed: number;
  readonly pagination: Pagination | undefined;
  /** Query parameters that it has on any page. */
  readonly parameters: ReadonlySet<string>;
}

/** Every exchange of a connector's examples whose request can be read, in the order of the examples. */
export function indexExamples(connector: Connector): Candidate[] {
  return [...connector.actions.values()].flatMap((action) => {
    const endpoints = endpointsOf(action);
    return action.examples.flatMap((example) =>
      example.exchanges.flatMap((exchange, index) => {
        const url = URL.parse(exchange.request.url);
        if (!url) return [];
        const { method } = exchange.request;
        return [
          {
            name: nameOf(action, example, index),
            ...{ action, example, exchange, index },
            refusal: example.problem !== undefined && index === example.exchanges.length - 1,
            endpoint: connector.origins.has(url.origin) ? endpointFor(endpoints, method, url.pathname) : undefined,
          },
        ];
      }),
    );
  });
}

/** Every origin that a server has to call the mock for: the declared ones, and those that examples learn on the way. */
export function mockedOrigins(connector: Connector): string[] {
  const shown = indexExamples(connector).map(({ exchange }) => new URL(exchange.request.url).origin);
  return [...new Set([...connector.origins, ...shown])];
}

/** The most exact of the endpoints that a request fits. */
export function endpointFor(endpoints: readonly Endpoint[], method: string, path: string): Endpoint | undefined {
  const fits = endpoints.filter((endpoint) => endpoint.method === method && endpoint.path.test(path));
  return fits.toSorted((one, other) => other.fixed - one.fixed)[0];
}

function endpointsOf({ steps, composite, pagination }: Action): Endpoint[] {
  return steps.flatMap((step) => {
    if (step.kind === 'upload_file') return [];
    if (step.kind === 'upload_parts') return [endpointOf(step.urls, undefined)];
    return [endpointOf(step.request, composite ? step.pagination : pagination)];
  });
}

function endpointOf({ method, segments, query }: RequestPlan, pagination: Pagination | undefined): Endpoint {
  // Slashes in a value are sent encoded; literals are those of the declared path.
  const source = segments.map((one) => `/${'literal' in one ? RegExp.escape(one.literal) : '[^/]+'}`).join('');
  return {
    method,
    path: new RegExp(`^${source}$`),
    fixed: segments.filter((one) => 'literal' in one).length,
    pagination,
    parameters: new Set([...query.map(([name]) => name), ...(pagination?.size === undefined ? [] : [pagination.size])]),
  };
}

function nameOf({ id, connector }: Action, { name, exchanges }: Example, index: number): string {
  const which = exchanges.length > 1 ? ` (${index + 1} of ${exchanges.length})` : '';
  return `${id.slice(connector.length + 1)}: ${name}${which}`;
}
