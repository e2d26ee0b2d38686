import type { Attempt, Door } from '../upstream/types.ts';

/** The same door, watched: `observe` is told of every attempt, with the host name that it went to. */
export function measuredDoor(door: Door, observe: (host: string, attempt: Attempt) => void): Door {
  return {
    send(request, options) {
      const { onAttempt } = options;
      const { hostname } = request.url;
      return door.send(request, {
        ...options,
        onAttempt(attempt) {
          observe(hostname, attempt);
          onAttempt?.(attempt);
        },
      });
    },
    close: () => door.close(),
  };
}
