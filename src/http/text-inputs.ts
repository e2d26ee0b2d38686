import type { JsonSchema } from '../connector/connector.ts';
import { Problem, type ProblemCode } from '../problems.ts';
import { parseJson } from './json-body.ts';

const REFUSALS: Partial<Record<ProblemCode, string>> = {
  body_too_deep: 'nests too deep',
  body_poisoned: 'has a key that could reach a prototype',
};

/**
 * Inputs that came as texts (query parameters, form fields), each converted to the type that the action declares for it.
 * What cannot be converted stays a text, so that the check of the inputs says what was wanted; names that stand several
 * times become lists. Rejects nothing but a list or object that is not JSON (`inputs_invalid`).
 */
export function inputsOfTexts(schema: JsonSchema, texts: Iterable<readonly [string, string]>): Record<string, unknown> {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema | undefined>;
  const collected = new Map<string, string[]>();
  for (const [name, text] of texts) {
    const values = collected.get(name);
    if (values) values.push(text);
    else collected.set(name, [text]);
  }
  return Object.fromEntries([...collected].map(([name, values]) => [name, converted(name, values, properties[name])]));
}

function converted(name: string, values: readonly string[], schema: JsonSchema | undefined): unknown {
  const [text = ''] = values;
  if (schema?.type === 'array') {
    if (values.length === 1 && text.trimStart().startsWith('[')) return parsed(name, text);
    return values.map((value) => scalar(name, value, (schema.items as JsonSchema | undefined) ?? {}));
  }
  if (values.length > 1)
    throw new Problem('inputs_invalid', 'The inputs are not valid.', {
      errors: [{ path: `/${name}`, message: 'must stand once' }],
    });
  return scalar(name, text, schema);
}

function scalar(name: string, text: string, schema: JsonSchema | undefined): unknown {
  switch (schema?.type) {
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'object':
      return parsed(name, text);
    default:
      return text;
  }
}

function parsed(name: string, text: string): unknown {
  try {
    return parseJson(Buffer.from(text));
  } catch (error) {
    const message = (error instanceof Problem && REFUSALS[error.code]) || 'is not JSON';
    throw new Problem('inputs_invalid', 'The inputs are not valid.', {
      errors: [{ path: `/${name}`, message }],
      cause: error,
    });
  }
}
