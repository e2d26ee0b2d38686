import type { ActionFormat } from '../connector/format.ts';
import type { Method } from './operations.ts';

/** Verbs of operations that are POSTs and create nothing. */
const EXECUTING =
  /^(search|query|list|get|find|fetch|read|validate|check|test|run|start|stop|cancel|complete|execute|send|sign|refresh|revoke|exchange|batch|export|publish|trigger)(?![a-z])/;

/** What an operation does, after its method and the verb that its id begins with. */
export function effectOf(method: Method, id: string): ActionFormat['effect'] {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return 'read';
    case 'POST':
      return EXECUTING.test(id) ? 'execute' : 'create';
    case 'PUT':
    case 'PATCH':
      return 'update';
    case 'DELETE':
      return 'delete';
  }
}
