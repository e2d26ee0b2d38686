/** Aborted when the process is told to end (Ctrl-C, SIGTERM) for the first time; a second time ends it at once. */
export function stopSignal(from: NodeJS.Process): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) from.once(name, () => stopping.abort());
  return stopping.signal;
}
