import type { IncomingMessage } from 'node:http';

// As long as most web servers listen on: what callers had on the way by then has come, and who sends on hears nothing.
const LINGER_MS = 5_000;

/**
 * For an answer that ends its connection before the end of the request's body: goes on reading, and throws away what comes,
 * until the caller closes or the time is over. Closed at once, the connection would be reset by the first bytes that come too
 * late (RFC 9112 §9.6), and most clients then never see the answer.
 */
export function lingerAfterAnswer(request: IncomingMessage, lingerMs = LINGER_MS): void {
  const { socket } = request;
  // This is how Node closes a connection after its last answer.
  socket.destroySoon = () => {
    socket.end();
    // Whoever was reading the body is done, and would hold up what follows.
    request.unpipe();
    request
      .removeAllListeners('readable')
      .removeAllListeners('data')
      .on('data', () => {});
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  };
}
