import { type Static, Type } from 'typebox';
import { PaginationFormat } from './pagination.ts';
import { expression, HEADER_PATTERN, NAME_PATTERN, strict, template } from './parts.ts';
import { RequestFormat } from './request.ts';

// The verbs of composite actions. Each leaves steps.<id> behind for the steps after it and for the output.

const common = {
  id: Type.String({ pattern: NAME_PATTERN, description: 'Later expressions read steps.<id>.' }),
  when: Type.Optional(expression('The step is left out unless true. Reads inputs, account, file and earlier steps.')),
};

const Origins = Type.Array(Type.String({ pattern: '^https://[a-z0-9.*-]+$' }), {
  minItems: 1,
  uniqueItems: true,
  description: 'Origins that a URL given at run time may have. * stands for one label of the name, or part of one.',
});

const RequestStep = Type.Object(
  {
    ...common,
    request: RequestFormat,
    for_each: Type.Optional(
      expression(
        'A list: the request is sent for each, one after the other, with `item` in its context. Gives answers[].',
      ),
    ),
    pagination: Type.Optional(PaginationFormat),
    find: Type.Optional(
      expression(
        'With pagination: of each page; the first that gives something ends the walk and is steps.<id>.found.',
      ),
    ),
  },
  { ...strict, description: 'Sends a request. Gives status, headers, body.' },
);

const UploadPartsStep = Type.Object(
  {
    ...common,
    upload_parts: Type.Object(
      {
        urls: RequestFormat,
        url_list: expression('The URLs, in the order of the parts, in the answer to `urls`.'),
        origins: Origins,
        max_urls: Type.Integer({ minimum: 1, description: 'Most URLs that one request may ask for.' }),
        min_part_bytes: Type.Integer({ minimum: 1, description: 'Least size of every part but the last.' }),
        max_parts: Type.Integer({ minimum: 1 }),
        expired_when: expression('Of a refused part (status, headers, body as text): true when a new URL will help.'),
      },
      strict,
    ),
  },
  {
    ...strict,
    description:
      'Sends the file of the call in parts to URLs that the provider signs, without credentials. In `urls`, parts.first and ' +
      'parts.count say which parts URLs are wanted for, and steps.<id>.body is the first answer, once there. Gives body, size, ' +
      'parts and etags (in order, unquoted).',
  },
);

const UploadFileStep = Type.Object(
  {
    ...common,
    upload_file: Type.Object(
      {
        url: expression('Where to send it.'),
        method: Type.Enum(['PUT', 'POST']),
        origins: Origins,
        headers: Type.Optional(
          Type.Record(Type.String({ pattern: HEADER_PATTERN }), template('Request header.'), strict),
        ),
      },
      strict,
    ),
  },
  {
    ...strict,
    description: 'Sends the file of the call in one request, without credentials. Gives status, headers and size.',
  },
);

export const StepFormat = Type.Union([RequestStep, UploadPartsStep, UploadFileStep]);
export type StepFormat = Static<typeof StepFormat>;
