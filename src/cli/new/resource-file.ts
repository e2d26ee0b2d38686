/**
 * The file that an action belongs into, without `.yaml`: one of those that are there whose name is that of the action's
 * resource, or begins so, else a new one named after it. `list_account_users` → `account-users`.
 */
export function resourceFile(actionId: string, present: readonly string[]): string {
  const words = actionId.split('_');
  const resource = words.length > 1 ? words.slice(1) : words;
  for (let length = resource.length; length > 0; length -= 1) {
    const name = plural(resource.slice(0, length).join('-'));
    const found = present.find((one) => one === name || one === resource.slice(0, length).join('-'));
    if (found !== undefined) return found;
  }
  return plural(resource.join('-'));
}

function plural(name: string): string {
  if (/(s|x|ch|sh)$/.test(name)) return name.endsWith('s') ? name : `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}
