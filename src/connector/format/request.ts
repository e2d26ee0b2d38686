import { type Static, Type } from 'typebox';
import { choice, expression, HEADER_PATTERN, MEDIA_TYPE_PATTERN, strict, template } from './parts.ts';

const requestKeys = {
  method: choice('HTTP method.', {
    GET: 'Reads. Has no body.',
    HEAD: 'Reads the headers only. Has no body.',
    POST: 'Creates, or does something.',
    PUT: 'Replaces.',
    PATCH: 'Changes a part.',
    DELETE: 'Removes.',
  }),
  api: Type.Optional(
    Type.String({ description: "One of the connector's `apis`, instead of that of the action.", examples: ['issues'] }),
  ),
  host: Type.Optional(
    Type.String({
      description: "One of the connector's `hosts`, by name. Without it: the first one.",
      examples: ['api'],
    }),
  ),
  path: Type.String({
    pattern: '^/',
    description:
      'Path below the host, without query. A whole segment `{name}` is replaced by `path_params.name`, else by the input of ' +
      'that name (in a check: by the account setting), percent-encoded.',
    examples: ['/v1/projects/{project_id}/issues'],
  }),
  path_params: Type.Optional(
    Type.Record(
      Type.String(),
      template('Value of a `{name}` in the path, where the plain input will not do.', 'p.${inputs.project_id}'),
      {
        ...strict,
        description: 'Values for the path, by the name in braces.',
        examples: [{ project_id: 'p.${inputs.project_id}' }],
      },
    ),
  ),
  allow_slashes: Type.Optional(
    Type.Array(Type.String({ description: 'A name that stands in braces in the path.' }), {
      uniqueItems: true,
      description:
        'Names in the path whose values may have slashes in them. They are sent as `%2F` and stay one segment.',
      examples: [['file_path']],
    }),
  ),
  query: Type.Optional(
    Type.Record(Type.String(), template('Query parameter.', '${inputs.state}', 100), {
      ...strict,
      description: 'Query parameters by their name at the provider. Those that evaluate to nothing are not sent.',
      examples: [{ 'filter[state]': '${inputs.state}' }],
    }),
  ),
  query_lists: Type.Optional(
    Type.Enum(['commas', 'repeat'], {
      description: 'How lists in the query are sent.',
      enumDescriptions: ['In one parameter: `a=1,2`.', 'In several: `a=1&a=2`.'],
      default: 'commas',
    }),
  ),
  headers: Type.Optional(
    Type.Record(
      Type.String({ pattern: HEADER_PATTERN }),
      template('Request header.', '${account.region}', 'application/json'),
      {
        ...strict,
        description:
          "Headers of this request, over those of the API and of `defaults`. The token's header is set by the server.",
        examples: [{ accept: 'application/json' }],
      },
    ),
  ),
  content_type: Type.Optional(
    Type.String({
      pattern: MEDIA_TYPE_PATTERN,
      description:
        'Media type of the body, instead of that of the API. `application/x-www-form-urlencoded` sends it as a form: ' +
        '`a[b]=c`, `a[0]=c`.',
      examples: ['application/json', 'application/x-www-form-urlencoded'],
    }),
  ),
  body: Type.Optional(
    Type.Unknown({
      description:
        'JSON body, or a form by its content type; a form is a mapping. `${expression}` may stand in any string of it. ' +
        'Members that evaluate to nothing are left out.',
      examples: [{ title: '${inputs.title}' }],
    }),
  ),
  accept_status: Type.Optional(
    Type.Array(Type.Integer({ minimum: 300, maximum: 599, description: 'A status that is an answer.' }), {
      uniqueItems: true,
      description: 'Statuses beyond 2xx that are answers, not refusals. Expressions see them as `status`.',
      examples: [[304]],
    }),
  ),
  refused_when: Type.Optional(
    expression(
      'True when an answer is a refusal although its status says otherwise. Reads `status`, `headers`, `body`.',
      'body.ok = false',
    ),
  ),
};

/** A request with its own description, where it is not simply the request of an action. */
export const describedRequest = (description: string) =>
  Type.Object(requestKeys, { ...strict, title: 'Request', description });

export const RequestFormat = describedRequest('One HTTP request to the provider. Its values may hold `${expression}`.');
export type RequestFormat = Static<typeof RequestFormat>;
