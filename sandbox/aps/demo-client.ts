/** What the demo reads of Corbel's answers. */
interface Answer {
  id: string;
  token: string;
  url: string;
  operator_key: { token: string };
}

/** Calls Corbel's HTTP API with a key. Throws when a call is refused: the demo's own calls are all in order. */
export function corbelClient(address: string, key: string): { post(path: string, body: object): Promise<Answer> } {
  return {
    async post(path, body) {
      const response = await fetch(`${address}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as Answer & { code?: string; detail?: string };
      if (!response.ok) throw new Error(`POST ${path}: ${answer.code} ${answer.detail}`);
      return answer;
    },
  };
}
