import { type Static, Type } from 'typebox';
import { expression, HEADER_PATTERN, strict, template } from './parts.ts';

export const RequestFormat = Type.Object(
  {
    method: Type.Enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], { description: 'HTTP method.' }),
    api: Type.Optional(Type.String({ description: "One of the connector's apis, instead of that of the action." })),
    host: Type.Optional(Type.String({ description: "One of the connector's hosts; its first one if not given." })),
    path: Type.String({
      pattern: '^/',
      description:
        'Path below the host. {name} is replaced by path_params.name, else by the input of that name, encoded.',
    }),
    path_params: Type.Optional(Type.Record(Type.String(), template('Value of a {name} in the path.'), strict)),
    allow_slashes: Type.Optional(
      Type.Array(Type.String(), {
        uniqueItems: true,
        description:
          'Names in the path whose values may have slashes in them; they are sent as %2F, one segment still.',
      }),
    ),
    query: Type.Optional(Type.Record(Type.String(), template('Query parameter. Lists are joined by commas.'), strict)),
    headers: Type.Optional(Type.Record(Type.String({ pattern: HEADER_PATTERN }), template('Request header.'), strict)),
    body: Type.Optional(Type.Unknown({ description: 'JSON body; ${expression} may stand in any string.' })),
    accept_status: Type.Optional(
      Type.Array(Type.Integer({ minimum: 300, maximum: 599 }), {
        uniqueItems: true,
        description: 'Statuses beyond 2xx that are answers, not refusals.',
      }),
    ),
    refused_when: Type.Optional(expression('True when an answer is a refusal although its status is an answer.')),
  },
  strict,
);
export type RequestFormat = Static<typeof RequestFormat>;
