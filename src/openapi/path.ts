import type { DraftInput } from './draft.ts';
import { quotedText, template } from './expression-text.ts';
import { type Namer, snakeCase } from './names.ts';
import type { Notes } from './notes.ts';
import { ANY_SHAPE } from './shape.ts';

export interface PathMapping {
  path: string;
  pathParams: Record<string, string>;
  /** Of names in the path that no parameter declares. */
  inputs: DraftInput[];
}

/** A path of the file in the format: whole segments, `{name}` by the names of inputs. */
export function pathOf(given: string, names: ReadonlyMap<string, string>, namer: Namer, notes: Notes): PathMapping {
  const inputs: DraftInput[] = [];
  const pathParams: Record<string, string> = {};
  const [bare = '', ...after] = given.split(/[?#]/);
  if (after.length > 0) notes.leftOut('path', `what follows ${bare.slice(-40)}: it is no part of a path`);
  const segments = bare.split('/').filter((segment) => segment !== '');
  if (bare.length > 1 && bare.endsWith('/')) notes.leftOut('path', 'the slash at its end');

  const inputOf = (original: string): string => {
    const known = names.get(original) ?? inputs.find((one) => one.original === original)?.name;
    if (known !== undefined) return known;
    notes.guess(`path parameter "${original}"`, 'it is not declared; string is taken');
    const name = namer.take(snakeCase(original));
    const input = { type: 'string', required: true } as const;
    inputs.push({ name, input, shape: { ...ANY_SHAPE, type: 'string' }, example: undefined, from: 'path', original });
    return name;
  };

  const used = new Set<string>();
  const written = segments.map((segment) => {
    const whole = /^\{([^{}]+)\}$/.exec(segment)?.[1];
    if (whole !== undefined) {
      const name = inputOf(whole);
      used.add(name);
      return `{${name}}`;
    }
    const parts = segment.split(/(\{[^{}]+\})/).filter((part) => part !== '');
    if (parts.length === 1) return literal(segment, notes);
    // Text and value together make one value of the segment.
    const texts = parts.map((part) =>
      /^\{.*\}$/.test(part) ? `inputs.${inputOf(part.slice(1, -1))}` : quotedText(part),
    );
    let name = snakeCase(segment);
    while (used.has(name) || [...names.values()].includes(name)) name = `${name}_part`;
    used.add(name);
    notes.changed('path', `segment ${segment.slice(0, 80)} is composed; what is not a letter or digit is sent encoded`);
    pathParams[name] = template(texts.join(' & '));
    return `{${name}}`;
  });
  for (const [original] of names)
    if (!given.includes(`{${original}}`))
      notes.leftOut(`path parameter "${original}"`, 'it does not stand in the path');
  return { path: `/${written.join('/')}`, pathParams, inputs };
}

/** As a segment may be written; encoded where it has other characters. */
function literal(segment: string, notes: Notes): string {
  if (/^[A-Za-z0-9._~!$&'()*+,;=:@-]+$/.test(segment) && !/^\.+$/.test(segment)) return segment;
  notes.changed('path', `segment ${segment.slice(0, 80)} has characters that the format does not take`);
  return segment.replace(/[^A-Za-z0-9._~!$&'()*+,;=:@-]+/g, '-').replace(/^\.+$/, '-');
}
