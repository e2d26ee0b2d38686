const FORM = 'application/x-www-form-urlencoded';

/** Whether a Content-Type is that of forms (WHATWG URL §5), whatever its parameters. */
export function isForm(contentType: string | undefined): boolean {
  const [essence = ''] = (contentType ?? '').split(';', 1);
  return essence.trim().toLowerCase() === FORM;
}
