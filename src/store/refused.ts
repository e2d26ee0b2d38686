/**
 * A store that must not be used as it is set up (an address that cannot be understood, credentials that are not accepted,
 * no persistence, eviction, a file of a newer release). Trying again does not help; the message says what to change, and
 * never holds a password.
 */
export class StoreRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StoreRefused';
  }
}
