import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { FastifyInstance } from 'fastify';
import secureJson from 'secure-json-parse';
import { fieldError } from '../connector/input-set.ts';
import { scanJson } from '../json-scan.ts';
import { Problem } from '../problems.ts';

// Inputs are flat by design; nobody nests this deep on purpose.
const MAX_BODY_DEPTH = 32;
const MAX_REPORTED_ERRORS = 50;

/** The only body an app takes is JSON, checked for depth and for keys that could reach a prototype. Empty counts as none. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'application/*+json'],
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => {
      return body.length === 0 ? undefined : parseJson(body);
    },
  );
}

/** A caller's JSON. Problems: `body_not_json`, `body_too_deep`, `body_poisoned`. */
export function parseJson(body: Buffer): unknown {
  if (scanJson(body, MAX_BODY_DEPTH).depth > MAX_BODY_DEPTH)
    throw new Problem('body_too_deep', `The body nests deeper than ${MAX_BODY_DEPTH} levels.`);
  try {
    return secureJson.parse(decode(body), null, { protoAction: 'error', constructorAction: 'error' });
  } catch (error) {
    const poisoned = error instanceof SyntaxError && /forbidden prototype property/.test(error.message);
    throw poisoned
      ? new Problem('body_poisoned', 'The body has a key that could reach a prototype.')
      : new Problem('body_not_json', 'The body is not JSON.', { cause: error });
  }
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Problem('body_not_json', 'The body is not UTF-8.');
  }
}

/** Bodies are checked against their schemas as they are, without conversion, and all that is wrong is told at once. */
export function checkBodies(app: FastifyInstance): void {
  // The schemas are our own: they need not be validated as schemas.
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, meta: false, validateSchema: false });
  app.setValidatorCompiler<object>(({ schema }) => {
    // With the first body: compiling those of all routes takes a tenth of a second of every start.
    let validate: ValidateFunction | undefined;
    const known = Object.keys((schema as { properties?: object }).properties ?? {});
    return (value: unknown) => {
      validate ??= ajv.compile(schema);
      if (validate(value)) return { value };
      const errors = withoutUnions(validate.errors ?? [])
        .slice(0, MAX_REPORTED_ERRORS)
        .map((error) => fieldError(error, known));
      return { error: new Problem('request_invalid', 'The body is not valid.', { errors }) };
    };
  });
}

/** "Must match one of several" tells less than what each of them wanted. */
function withoutUnions(errors: readonly ErrorObject[]): ErrorObject[] {
  return errors.filter(({ keyword }) => keyword !== 'anyOf');
}
