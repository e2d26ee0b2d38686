/** What the server wrote into the page. */
export interface Environment {
  /** Path below which the server is reached, without a slash at its end; mostly empty. */
  base: string;
  /** For style elements; empty in development, where there is no policy. */
  nonce: string;
}

const UNFILLED = /^__CORBEL_[A-Z]+__$/;

export function readEnvironment(page: Document): Environment {
  return { base: content(page, 'corbel-base'), nonce: content(page, 'corbel-nonce') };
}

function content(page: Document, name: string): string {
  const text = page.querySelector(`meta[name="${name}"]`)?.getAttribute('content') ?? '';
  // The development server fills nothing in. A nonce may begin with underscores, too.
  return UNFILLED.test(text) ? '' : text;
}
