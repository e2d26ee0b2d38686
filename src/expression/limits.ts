/*
 * What one expression may cost. Expressions come from reviewed connector files, the data from providers and callers: the
 * limits keep hostile data from turning a harmless expression into a stalled or dead process. Measured on one slow core.
 */

/** The longest expression of the shipped connectors is below 1,000; beyond 4 KB nobody can review one. */
export const MAX_EXPRESSION_CHARS = 4096;

/** A page of 1,000 records takes about 12 ms; 250 ms is far beyond honest work and still short for the event loop. */
export const DEFAULT_TIME_LIMIT_MS = 250;

/**
 * Counts open evaluation steps, and the interpreter opens the groups of a group-by side by side: 10,000 groups need more than
 * 10,000. Recursion is refused at compile time, so that this is a second line only.
 */
export const MAX_EVALUATION_DEPTH = 20_000;

/** Lists are joined by copying (quadratic): 10,000 items took 66 ms, 20,000 took 860 ms, 100,000 took 22 s. */
export const MAX_SEQUENCE_ITEMS = 10_000;

/** For text that an expression builds, not for text that it passes on; a request body of that size is a file, not a field. */
export const MAX_BUILT_TEXT_CHARS = 5_000_000;

/** Identifiers and columns are padded, not documents. */
export const MAX_PAD_WIDTH_CHARS = 1000;

/** A timestamp; date pictures become patterns that may backtrack, which is harmless on so little text. */
export const MAX_TIMESTAMP_CHARS = 64;

/** Number and date pictures; the longest in use is about 40. */
export const MAX_PICTURE_CHARS = 200;

/** JSON that providers send is rarely nested deeper than 20; every walk here recurses. */
export const MAX_VALUE_DEPTH = 100;

/** Values (members, items) that one evaluation reads or returns; about 15 MB as JSON text of ordinary records. */
export const MAX_VALUE_NODES = 500_000;

/** Program steps × characters of one search; 5 million took about 100 ms at worst. */
export const MAX_REGEX_WORK = 5_000_000;

/** Of the syntax tree; a chain of "&" is as deep as it is long. Evaluating a deeper one could exhaust the stack. */
export const MAX_TREE_DEPTH = 250;
