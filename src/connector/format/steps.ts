import { type Static, Type } from 'typebox';
import { PaginationFormat } from './pagination.ts';
import { choice, expression, HEADER_PATTERN, NAME_PATTERN, strict, template } from './parts.ts';
import { describedRequest } from './request.ts';

// The verbs of composite actions. Each leaves steps.<id> behind for the steps after it and for the output.

const common = {
  id: Type.String({
    pattern: NAME_PATTERN,
    description: 'Name of the step. Later expressions read what it leaves behind as `steps.<id>`.',
    examples: ['lookup'],
  }),
  when: Type.Optional(
    expression(
      'The step is left out unless this gives `true`. Reads `inputs`, `account`, `file` and earlier steps.',
      '$not($exists(steps.lookup.found))',
    ),
  ),
};

const Origins = Type.Array(
  Type.String({ pattern: '^https://[a-z0-9.*-]+$', description: 'An origin, perhaps with `*`.' }),
  {
    minItems: 1,
    uniqueItems: true,
    description:
      'Origins that a URL given at run time may have. `*` stands for one label of the name, or part of one. Without this ' +
      'list a caller could name any server.',
    examples: [['https://*.storage.example.com']],
  },
);

const RequestStep = Type.Object(
  {
    ...common,
    request: describedRequest('Sends this request. Gives `status`, `headers` and `body`.'),
    for_each: Type.Optional(
      expression(
        'A list: the request is sent for each, one after the other, with `item` in its context. The step then gives ' +
          '`answers[]`, each with `status`, `headers`, `body`.',
        'steps.issues.body.data',
      ),
    ),
    pagination: Type.Optional(PaginationFormat),
    find: Type.Optional(
      expression(
        'With `pagination`: asked of each page. The first that gives something ends the walk and is `steps.<id>.found`.',
        'body.data[name = inputs.name][0]',
      ),
    ),
  },
  { ...strict, title: 'Request step', description: 'Sends a request. Gives `status`, `headers` and `body`.' },
);

const UploadParts = Type.Object(
  {
    urls: describedRequest(
      'Asks for signed URLs. `parts.first` and `parts.count` say for which parts; `steps.<id>.body` is the first answer, ' +
        'once it is there.',
    ),
    url_list: expression('The URLs, in the order of the parts, in the answer to `urls`.', 'body.urls'),
    origins: Origins,
    max_urls: Type.Integer({ minimum: 1, description: 'Most URLs that one request may ask for.', examples: [25] }),
    min_part_bytes: Type.Integer({
      minimum: 1,
      description: 'Least size of every part but the last, in bytes.',
      examples: [5_242_880],
    }),
    max_parts: Type.Integer({ minimum: 1, description: 'Most parts of one file.', examples: [10_000] }),
    expired_when: expression(
      'Of a refused part (`status`, `headers`, `body` as text): true when a new URL will help.',
      'status = 403',
    ),
  },
  {
    ...strict,
    title: 'Upload in parts',
    description: 'Sends the file of the call in parts to URLs that the provider signs.',
  },
);

const UploadPartsStep = Type.Object(
  { ...common, upload_parts: UploadParts },
  {
    ...strict,
    title: 'Upload in parts step',
    description:
      'Sends the file of the call in parts to URLs that the provider signs, without credentials. Its length need not be ' +
      'known. Gives `body`, `size`, `parts` and `etags` (in order, unquoted).',
  },
);

const UploadFile = Type.Object(
  {
    url: expression('Where to send it.', 'steps.target.body.upload_url'),
    method: choice('HTTP method of the upload.', { PUT: 'The usual one.', POST: 'For providers that want it.' }),
    origins: Origins,
    headers: Type.Optional(
      Type.Record(Type.String({ pattern: HEADER_PATTERN }), template('Request header.', '${file.content_type}'), {
        ...strict,
        description: 'Headers of the upload. Those of the connector are not sent.',
        examples: [{ 'content-type': '${file.content_type}' }],
      }),
    ),
  },
  { ...strict, title: 'Upload', description: 'Sends the file of the call in one request.' },
);

const UploadFileStep = Type.Object(
  { ...common, upload_file: UploadFile },
  {
    ...strict,
    title: 'Upload step',
    description:
      'Sends the file of the call in one request, without credentials. Gives `status`, `headers` and `size`.',
  },
);

export const StepFormat = Type.Union([RequestStep, UploadPartsStep, UploadFileStep], {
  title: 'Step',
  description: 'One step of a composite action. It has `request`, or `upload_parts`, or `upload_file`.',
});
export type StepFormat = Static<typeof StepFormat>;
