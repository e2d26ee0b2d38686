import { mediaExample, preferredMedia } from './body.ts';
import { objectOf } from './json.ts';
import type { Notes } from './notes.ts';
import type { ReadSchema } from './read-schema.ts';
import type { Resolver } from './resolve.ts';
import { ANY_SHAPE, type Shape } from './shape.ts';

/** What an operation answers when it succeeds. */
export interface Answer {
  status: number;
  /** Undefined where the answer has no JSON body. */
  shape: Shape | undefined;
  /** Of its body, as the file gives it. */
  example: unknown;
  /** Of the media type, where it is not plain JSON. */
  contentType: string | undefined;
  /** Whether the file says that it has a Link header (RFC 8288). */
  links: boolean;
  /** Statuses of refusals that the file tells of. */
  refusals: readonly number[];
}

/** The successful answer of an operation: the first 2xx that has a body, else the first 2xx. */
export function readAnswer(
  responses: unknown,
  { resolver, readSchema, notes }: { resolver: Resolver; readSchema: ReadSchema; notes: Notes },
): Answer {
  const all = Object.entries(objectOf(responses)).map(([status, node]) => [status, resolver.at(node)] as const);
  const good = all.filter(([status]) => /^2(\d\d|XX)$/i.test(status));
  if (good.length === 0) good.push(...all.filter(([status]) => status === 'default'));
  const [status, node] = good.find(([, one]) => preferredMedia(one.content, false)) ?? good[0] ?? ['200', {}];
  const refusals = all.map(([key]) => Number(key)).filter((number) => number >= 400 && number < 500);
  const links = Object.keys(objectOf(node.headers)).some((name) => name.toLowerCase() === 'link');
  const number = /^2\d\d$/.test(status) ? Number(status) : 200;
  const media = preferredMedia(node.content, false);
  if (!media) {
    const [other] = Object.keys(objectOf(node.content));
    if (other !== undefined) notes.leftOut('answer', `its body is ${other.slice(0, 80)}, not JSON`);
    return { status: number, shape: undefined, example: undefined, contentType: undefined, links, refusals };
  }
  const [type, of] = media;
  const { schema } = objectOf(of);
  const shape = schema === undefined ? ANY_SHAPE : readSchema(schema, 'answer');
  const named = type.split(';')[0]?.trim().toLowerCase() ?? '';
  const contentType = named.includes('*') ? 'application/json' : named;
  return { status: number, shape, example: mediaExample(resolver, of), contentType, links, refusals };
}
