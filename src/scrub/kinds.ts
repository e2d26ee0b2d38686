/** What a scrubbed value was. */
export const SCRUB_KINDS = [
  'credential',
  'secret',
  'signed_url',
  'email',
  'person_name',
  'phone',
  'ip_address',
  'person_id',
  'request_id',
] as const;
export type ScrubKind = (typeof SCRUB_KINDS)[number];

/** From the document to a value: member names and indexes. */
export type ValuePath = readonly (string | number)[];
