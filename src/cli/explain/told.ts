import type { Place } from './source-file.ts';
import type { Missing } from './why-nothing.ts';

/** The document of `corbel explain --json`. Values are masked: nothing in it is a secret. */
export interface Explanation {
  readonly action: string;
  readonly label: string;
  readonly place: Place;
  readonly gate: ToldGate;
  readonly inputs: readonly ToldValue[];
  readonly account: readonly ToldValue[];
  readonly requirements: readonly ToldRequirement[];
  readonly steps: readonly ToldStep[];
  /** Undefined where an answer was missing, or a refusal ended it. */
  readonly output: ToldOutput | undefined;
  /** What the caller would get, as far as can be told. */
  readonly outcome: 'answer' | 'refusal' | 'unanswered';
  /** Examples of the action, the best first. */
  readonly examples: readonly string[];
}

export interface ToldGate {
  readonly authentication: string;
  readonly grant: string;
  /** The kinds of token that the method gives. */
  readonly gives: readonly string[];
  readonly wants: string;
  /** The kind that is used; assumed where the gate refuses. */
  readonly token: 'app' | 'user';
  readonly scopes: readonly { readonly scope: string; readonly by: 'action' | 'provider'; readonly held: boolean }[];
  readonly refusal: ToldProblem | undefined;
}

export interface ToldProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** An input or a setting. */
export interface ToldValue {
  readonly name: string;
  readonly state: 'given' | 'default' | 'absent' | 'refused';
  readonly value?: unknown;
  readonly reasons?: readonly string[];
}

export interface ToldRequirement {
  readonly expression: string;
  readonly place: Place;
  readonly outcome: 'holds' | 'refused' | 'not_asked' | 'failed';
  /** What the caller is told. */
  readonly message: string;
  readonly why: readonly ToldMissing[];
}

export type ToldMissing = Omit<Missing, 'offset'> & { readonly place: Place };

export interface ToldStep {
  readonly id: string;
  readonly verb: 'request' | 'upload_parts' | 'upload_file';
  readonly outcome: 'taken' | 'left_out' | 'depends' | 'failed';
  readonly place: Place;
  readonly when:
    | { readonly expression: string; readonly value: unknown; readonly why: readonly ToldMissing[] }
    | undefined;
  /** Steps whose answers decide, where there are none. */
  readonly depends_on: readonly string[];
  readonly requests: readonly ToldRequest[];
  /** Why it came to nothing. */
  readonly problem: ToldProblem | undefined;
}

export interface ToldRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a form its members as objects and lists, with texts as values. */
  readonly body: unknown;
  /** Of a form the names and values that are sent, in their order. */
  readonly form: readonly (readonly [name: string, value: string])[] | undefined;
  /** Length of a body that is part of the file. */
  readonly bytes: number | undefined;
  readonly parts: readonly ToldPart[];
  readonly answer: ToldAnswer | undefined;
}

/** A part of a request that a template gives. */
export interface ToldPart {
  readonly part: 'path' | 'query' | 'header' | 'body';
  readonly name: string;
  readonly template: string;
  readonly place: Place;
  readonly outcome: 'literal' | 'value' | 'left_out' | 'failed';
  readonly value?: unknown;
  readonly why: readonly ToldMissing[];
}

export interface ToldAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly refused_when: { readonly expression: string; readonly place: Place; readonly value: unknown } | undefined;
  /** Tried for a refusal, in their order, up to the one that holds. */
  readonly rules: readonly ToldRule[];
  readonly refusal: ToldProblem | undefined;
}

export interface ToldRule {
  readonly expression: string;
  readonly place: Place;
  readonly code: string;
  readonly holds: boolean;
  /** The expression failed on this answer. */
  readonly failed: boolean;
}

export interface ToldOutput {
  readonly variables: readonly ToldExpression[];
  /** Of a list. */
  readonly list: (ToldExpression & { readonly items: number }) | undefined;
  /** What an answer that is shaped as an item is made of. */
  readonly object: ToldExpression | undefined;
  /** How one item, or the answer, is made. */
  readonly shape: Pick<ToldExpression, 'expression' | 'place'> | undefined;
  readonly fields: readonly ToldField[];
  readonly warnings: ToldExpression | undefined;
  readonly paging: ToldPaging | undefined;
  readonly data: unknown;
  readonly failed: ToldProblem | undefined;
}

export interface ToldExpression {
  readonly name: string;
  readonly expression: string;
  readonly place: Place;
  readonly value: unknown;
  readonly why: readonly ToldMissing[];
}

/** A declared or made field that is not as declared everywhere. */
export interface ToldField {
  readonly name: string;
  readonly fault: 'missing' | 'other_type' | 'not_declared';
  /** In how many of how many items. */
  readonly items: number;
  readonly of: number;
  readonly declared: string | undefined;
  readonly found: string | undefined;
  readonly place: Place;
  readonly why: readonly ToldMissing[];
}

export interface ToldPaging {
  readonly style: string;
  readonly more: boolean;
  /** What asks for the next page. */
  readonly next: string | undefined;
  readonly expressions: readonly ToldExpression[];
}
